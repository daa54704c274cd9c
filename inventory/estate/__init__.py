"""The estate: what the register, the directory, the wire and collected inventory say of the same machines."""
