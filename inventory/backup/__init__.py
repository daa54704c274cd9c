"""Backups as pure rules: what is to be protected, how fresh, whole and restorable it is, and how sure that makes us."""
