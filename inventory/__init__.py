"""What there is to work on: hosts and their settings, and the practice network."""
