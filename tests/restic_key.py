"""A restic repository whose key opens at once: tests make and open hundreds, which takes half a second and more each.

The form of a key and how it is sealed: restic's own design document, "Keys, Encryption and MAC".
"""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import subprocess
from base64 import b64decode, b64encode
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.poly1305 import Poly1305


@cache
def empty(password: str) -> Path:
    """A repository with nothing in it, to be copied; making one takes restic seconds."""
    folder = TemporaryDirectory(prefix="restic-")
    atexit.register(folder.cleanup)
    made = Path(folder.name) / "repository"
    told = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "RESTIC_PASSWORD": password}
    subprocess.run(["restic", "-q", "--no-cache", "-r", made, "init"], env=told, check=True, timeout=120)
    cheapened(made, password)
    return made


def cheapened(repository: Path, password: str) -> None:
    """Seal the one key of a repository again, with a derivation of next to no cost."""
    (path,) = (repository / "keys").iterdir()
    key = json.loads(path.read_text())
    master = _opened(_derived(key, password), b64decode(key["data"]))
    key["N"] = 2
    sealed = json.dumps(key | {"data": b64encode(_sealed(_derived(key, password), master)).decode()}).encode()
    path.unlink()
    (path.parent / hashlib.sha256(sealed).hexdigest()).write_bytes(sealed)


def _derived(key: dict[str, int | str], password: str) -> bytes:
    cost = {"n": int(key["N"]), "r": int(key["r"]), "p": int(key["p"])}
    return hashlib.scrypt(password.encode(), salt=b64decode(str(key["salt"])), maxmem=1 << 30, dklen=64, **cost)


def _opened(derived: bytes, sealed: bytes) -> bytes:
    nonce, body, mac = sealed[:16], sealed[16:-16], sealed[-16:]
    Poly1305.verify_tag(_of_mac(derived, nonce), body, mac)
    return _turned(derived, nonce, body)


def _sealed(derived: bytes, clear: bytes) -> bytes:
    nonce = os.urandom(16)
    body = _turned(derived, nonce, clear)
    return nonce + body + Poly1305.generate_tag(_of_mac(derived, nonce), body)


def _turned(derived: bytes, nonce: bytes, octets: bytes) -> bytes:
    return Cipher(algorithms.AES(derived[:32]), modes.CTR(nonce)).encryptor().update(octets)


def _of_mac(derived: bytes, nonce: bytes) -> bytes:
    """Poly1305-AES: r, and the nonce under the key k."""
    masked = Cipher(algorithms.AES(derived[32:48]), modes.ECB()).encryptor().update(nonce)  # noqa: S305
    return derived[48:64] + masked
