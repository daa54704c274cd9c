"""Hosts: who has a login there, and who no longer."""
