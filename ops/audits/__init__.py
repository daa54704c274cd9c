"""Audits: what was looked at, what was found, and what was not looked at."""
