"""The papers colleges and sponsors use, made from records, reviews and sign-offs alone."""
