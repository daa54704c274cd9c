"""The report on backups."""
