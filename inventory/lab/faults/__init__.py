"""The faults that can be planted, one file each."""
