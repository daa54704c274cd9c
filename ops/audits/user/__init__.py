"""About people: what they can still reach."""
