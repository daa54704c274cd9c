"""About people: the names they get."""
