"""Leavers: what they had."""
