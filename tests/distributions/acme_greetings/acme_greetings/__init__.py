"""A third party's distribution, that knows of hellokit what is documented."""
