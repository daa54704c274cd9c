"""The hosts of the practice network, one file each."""
