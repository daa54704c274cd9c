"""What hosts of the practice network can run, one file each; a host's own file names those it has."""
