"""Dated work."""
