"""The jobs that copy to the backup host, one file each."""
