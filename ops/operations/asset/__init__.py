"""Assets of the register, from wanted to disposed of."""
