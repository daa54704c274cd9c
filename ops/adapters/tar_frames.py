"""Whether zstd can tell that what it unpacks is what was packed: frames, each with a checksum or without.

zstd compares the checksums that are there and passes over what has none. Source: RFC 8878, 3.1.
"""

from __future__ import annotations

from typing import IO

MAGIC = b"\x28\xb5\x2f\xfd"
CHECKSUM, SINGLE = 0x04, 0x20  # flags of a frame: a checksum at its end, all in one segment
DICTIONARY, CONTENT = (0, 1, 2, 4), (0, 2, 4, 8)  # octets of two fields, by what the flags say
REPEATED = 1  # a block of one octet, many times


def summed(file: IO[bytes]) -> bool:
    """Whether all of it lies in frames with a checksum; what is no frame, such as one to be skipped, has none."""
    found = False
    try:
        while magic := file.read(len(MAGIC)):
            found = magic == MAGIC and _frame(file)
            if not found:
                break
    except EOFError:
        return False
    return found


def _frame(file: IO[bytes]) -> bool:
    """Read one frame to its end; one without a checksum is left at once."""
    flags = _taken(file, 1)[0]
    if not flags & CHECKSUM:
        return False
    single = bool(flags & SINGLE)
    _taken(file, (not single) + DICTIONARY[flags & 3] + (CONTENT[flags >> 6] or single))
    last = 0
    while not last:
        block = int.from_bytes(_taken(file, 3), "little")
        last, kind, size = block & 1, block >> 1 & 3, block >> 3
        _taken(file, 1 if kind == REPEATED else size)
    _taken(file, 4)
    return True


def _taken(file: IO[bytes], size: int) -> bytes:
    """So many octets; raise ``EOFError`` where it ends before."""
    octets = file.read(size)
    if len(octets) < size:
        raise EOFError
    return octets
