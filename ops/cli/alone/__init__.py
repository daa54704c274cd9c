"""Commands that stand alone, one file each."""
