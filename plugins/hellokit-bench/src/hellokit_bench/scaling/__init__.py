"""What concurrency and size do to a backend: measured, fitted, predicted."""
