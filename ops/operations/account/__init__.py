"""One directory account: unlock it, reset its password, enable, disable, expire, rename or relocate it."""
