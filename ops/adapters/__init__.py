"""Ways to targets: per kind the words, protocols and changes; per library the one file that knows it."""
