"""What bounds the calls of an event loop: how many at once, and for how long."""
