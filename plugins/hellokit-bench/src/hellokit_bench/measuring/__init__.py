"""Measuring side by side: rounds, what they give, and what that says."""
