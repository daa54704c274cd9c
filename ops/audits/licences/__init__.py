"""Licences: owned against needed."""
