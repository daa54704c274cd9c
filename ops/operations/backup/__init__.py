"""Backups of jobs that we start."""
