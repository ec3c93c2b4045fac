"""Where a subject spends its time, and which lines hold its memory."""
