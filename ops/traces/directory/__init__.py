"""In the directory."""
