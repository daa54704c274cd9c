"""Audits: what was agreed to be left as it is, for a time."""
