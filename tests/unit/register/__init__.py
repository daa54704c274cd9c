"""What may be in the register, and what it keeps."""
