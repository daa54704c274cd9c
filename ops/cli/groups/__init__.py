"""Hand-written commands of a noun, one file each."""
