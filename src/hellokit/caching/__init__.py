"""What the backend `cached` is made of: where greetings are kept, and who computes them."""
