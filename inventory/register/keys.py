"""What makes an asset the same: its serial number with its maker, and its SMBIOS UUID; placeholders are neither."""

from __future__ import annotations

from functools import lru_cache

from inventory.estate.identity import serial, smbios_uuid


@lru_cache(1 << 12)  # asked several times for each row of an import
def serial_key(raw: str, maker: str) -> str:
    """One text for a serial number, however it was written; empty for none, and for placeholders."""
    found = serial(raw, maker) if raw else None
    return f"{found.key} {found.maker}".strip() if found and found.counts else ""


@lru_cache(1 << 12)
def uuid_key(raw: str) -> str:
    """One text for a UUID and its byte-swapped twin; empty for none, and for placeholders."""
    found = smbios_uuid(raw) if raw else None
    return found.key if found and found.counts else ""
