"""Money for things, and what was spent of it."""
