"""Backups: whether they are fresh and whole, come back, and are of all that needs one."""
