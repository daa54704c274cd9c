"""The estate: what is really there, compared with what should be."""
