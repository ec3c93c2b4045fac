"""Load: calls that begin when a schedule or a number of users says, and what becomes of them."""
