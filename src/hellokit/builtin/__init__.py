"""The built-in backends, registered by hellokit's own entry points."""
