"""Audits of a directory."""
