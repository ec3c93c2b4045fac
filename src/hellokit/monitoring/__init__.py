"""What the `monitored` backend measures with, and what it keeps."""
