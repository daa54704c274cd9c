"""On the hosts."""
