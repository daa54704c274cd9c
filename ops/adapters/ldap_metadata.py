"""How often and when each attribute of an entry was written, from replPropertyMetaData (MS-DRSR 5.164, 5.165)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

METADATA = "replPropertyMetaData"
UNICODE_PWD, USER_ACCOUNT_CONTROL = 0x9005A, 0x90008  # their ATTRTYP on every controller (MS-DRSR 5.14)
ATTRIBUTE_IDS = {"unicodePwd": UNICODE_PWD, "userAccountControl": USER_ACCOUNT_CONTROL}
HEADER, ROW = 16, 48
EPOCH = datetime(1601, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Written:
    """How often an attribute was written, and when last, by the clock of the controller that did it."""

    times: int
    last: datetime | None


NOT_WRITTEN = Written(0, None)


def replicated(blob: bytes) -> dict[int, Written]:
    """Attribute id → how often and when; empty for a blob that is cut short."""
    count = int.from_bytes(blob[8:12], "little")
    if len(blob) < HEADER + ROW * count:
        return {}
    rows = (blob[place : place + ROW] for place in range(HEADER, HEADER + ROW * count, ROW))
    return {_number(row[:4]): Written(_number(row[4:8]), _moment(_number(row[8:16]))) for row in rows}


def _number(octets: bytes) -> int:
    return int.from_bytes(octets, "little")


def _moment(seconds: int) -> datetime | None:
    """Seconds since 1601."""
    return EPOCH + timedelta(seconds=seconds) if seconds else None
