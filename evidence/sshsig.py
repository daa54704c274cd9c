"""SSH signatures (OpenSSH PROTOCOL.sshsig): the same bytes as ``ssh-keygen -Y sign``."""

from __future__ import annotations

import base64
import hashlib
import struct
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ops.errors import EvidenceInvalid, EvidenceUnavailable

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

MAGIC, HASH = b"SSHSIG", b"sha512"
BEGIN, END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"


class Signer(Protocol):
    """Somebody's SSH key; ``public`` is the wire form of the public key."""

    @property
    def public(self) -> bytes: ...

    def sign(self, namespace: str, message: bytes) -> str: ...


@dataclass(frozen=True)
class Ed25519Key:
    """An Ed25519 key read from a file; signs in this process."""

    private: Ed25519PrivateKey

    @property
    def public(self) -> bytes:
        """The wire form of the public key."""
        return _string(b"ssh-ed25519") + _string(self.private.public_key().public_bytes_raw())

    def sign(self, namespace: str, message: bytes) -> str:
        """Return the armored signature."""
        signature = self.private.sign(preimage(namespace, message))
        wire = _string(b"ssh-ed25519") + _string(signature)
        return armor(_envelope(self.public, namespace, wire))


@dataclass(frozen=True)
class KeygenKey:
    """Any key OpenSSH can use: a private key file, or a ``.pub`` whose key is in the agent or on a token."""

    path: Path

    @property
    def public(self) -> bytes:
        """The wire form of the public key, from the file beside it."""
        name = self.path.name.removesuffix(".pub") + ".pub"
        try:
            return base64.b64decode(self.path.with_name(name).read_text(encoding="utf-8").split()[1], validate=True)
        except (OSError, ValueError, IndexError) as error:
            problem = f"the public key {name} beside the signing key cannot be read"
            raise EvidenceUnavailable(problem, hint=f"ssh-keygen -y -f {self.path}") from error

    def sign(self, namespace: str, message: bytes) -> str:
        """Return the armored signature ``ssh-keygen -Y sign`` wrote."""
        argv = ["ssh-keygen", "-Y", "sign", "-q", "-n", namespace, "-f", str(self.path)]
        try:
            done = subprocess.run(argv, input=message, capture_output=True, check=False)
        except OSError as error:
            raise EvidenceUnavailable("ssh-keygen cannot be run", hint="apt-get install openssh-client") from error
        if done.returncode:
            problem = done.stderr.decode(errors="replace").strip()
            raise EvidenceUnavailable(f"the key cannot sign: {problem}", hint="ssh-add -l")
        return done.stdout.decode("ascii")


@dataclass(frozen=True)
class Signature:
    """A parsed SSHSIG."""

    public: bytes
    namespace: str
    hash: bytes
    wire: bytes


def preimage(namespace: str, message: bytes, algorithm: bytes = HASH) -> bytes:
    """The bytes that are really signed."""
    hashed = hashlib.new(algorithm.decode(), message).digest()
    parts = (namespace.encode(), b"", algorithm, hashed)
    return MAGIC + b"".join(map(_string, parts))


def armor(blob: bytes) -> str:
    """Wrap at 70 columns, as OpenSSH does."""
    text = base64.b64encode(blob).decode()
    lines = [text[i : i + 70] for i in range(0, len(text), 70)]
    return "\n".join([BEGIN, *lines, END, ""])


def dearmor(text: str) -> bytes:
    """Return the blob inside an armored signature."""
    lines = text.replace("\r\n", "\n").strip("\n").split("\n")
    if len(lines) < 2 or lines[0] != BEGIN or lines[-1] != END:
        raise EvidenceInvalid("not an SSH signature")
    inside = "".join(lines[1:-1])
    try:
        blob = base64.b64decode(inside, validate=True)
    except ValueError as error:
        raise EvidenceInvalid("not an SSH signature: its base64 is damaged") from error
    if base64.b64encode(blob).decode() != inside:  # bits beyond the last octet
        raise EvidenceInvalid("not an SSH signature: its base64 is damaged")
    return blob


def parse(blob: bytes) -> Signature:
    """Take an SSHSIG blob apart."""
    if blob[:6] != MAGIC or blob[6:10] != b"\0\0\0\1":
        raise EvidenceInvalid("not an SSHSIG version 1")
    try:
        public, namespace, _reserved, algorithm, wire = strings(blob[10:])
        named = namespace.decode()
    except ValueError as error:
        raise EvidenceInvalid("not an SSHSIG: its parts are damaged") from error
    if algorithm not in (b"sha512", b"sha256"):
        raise EvidenceInvalid("unknown hash")
    return Signature(public, named, algorithm, wire)


def strings(data: bytes) -> Iterator[bytes]:
    """Yield the length-prefixed strings of SSH wire data."""
    while data:
        length = int.from_bytes(data[:4], "big")
        if len(data) < 4 + length:
            raise EvidenceInvalid("cut short")
        yield data[4 : 4 + length]
        data = data[4 + length :]


def fingerprint(public: bytes) -> str:
    """The ``SHA256:…`` name of a public key."""
    hashed = base64.b64encode(hashlib.sha256(public).digest()).decode()
    return "SHA256:" + hashed.rstrip("=")


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _envelope(public: bytes, namespace: str, wire: bytes) -> bytes:
    parts = (public, namespace.encode(), b"", HASH, wire)
    return MAGIC + struct.pack(">I", 1) + b"".join(map(_string, parts))
