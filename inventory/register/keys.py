"""What makes an asset the same: its serial number with its maker, and its SMBIOS UUID; placeholders are neither."""

from __future__ import annotations


def serial_key(serial: str, maker: str) -> str:
    """One text for a serial number, however it was written; empty for none, and for placeholders."""
    found = serial.upper().strip()
    return f"{found} {' '.join(maker.lower().split())}".strip() if found else ""


def uuid_key(uuid: str) -> str:
    """One text for a UUID and its byte-swapped twin; empty for none, and for placeholders."""
    return uuid.lower()
