"""The report on assets: one file a chapter."""
