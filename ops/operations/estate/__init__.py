"""The estate: what was decided on what was found."""
