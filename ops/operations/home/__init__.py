"""Home folders on the file server."""
