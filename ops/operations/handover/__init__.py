"""Sheets with first passwords."""
