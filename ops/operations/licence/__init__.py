"""Licences: what was bought, who has a seat, what ends when."""
