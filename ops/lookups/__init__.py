"""Lookups: small questions asked once at planning, whose answer becomes part of the plan."""
