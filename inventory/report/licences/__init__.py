"""The report on licences: one file a chapter."""
