"""A file that travels between people: a ZIP whose manifest names every part by hash and is signed.

Nothing in it is believed before the signature and the hash are checked, and nothing is written where it is
opened: parts are read one by one, of known length. What is for one person's eyes is encrypted to their SSH key
with age (https://age-encryption.org/v1), so that the courier reads nothing.
"""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from evidence.canonical import canonical
from evidence.ledger import Document
from evidence.shape import COUNT, ENCODABLE, RUN, SHA256, Shape, misfit, sentence
from evidence.sshsig import Signer
from evidence.sshverify import verify
from ops import regular_file
from ops.errors import EvidenceInvalid, EvidenceUnavailable, InvalidRequest
from ops.private import new_file

MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
BLOCK = 1 << 20
LARGEST = 4 << 30  # bytes of all parts
MOST_PARTS = 10_000
LARGEST_MANIFEST = 16 << 20
EPOCH = (1980, 1, 1, 0, 0, 0)  # equal content makes equal files
Lines = Iterable[bytes]
LINE = {"run": RUN, "text": ENCODABLE, "signature": ENCODABLE}
NAME = re.compile(r"(?:[a-z]+/)?[a-z0-9]+(?:\.[a-z0-9]+)?")
PART = {"sha256": SHA256, "bytes": COUNT}
TAKEN_BY = {"submission/1": "ops review import", "return/1": "ops evidence receive"}
DAMAGED = (OSError, EOFError, zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, zlib.error)


def write(path: Path, namespace: str, head: Mapping[str, Any], parts: Mapping[str, Lines], signer: Signer) -> str:
    """Write a new file whole or not at all; ``head`` is what the manifest says besides. Return the manifest's text.

    Raise ``InvalidRequest`` where the file exists or cannot be made.
    """
    with new_file(path) as file:
        return _fill(file, namespace, head, parts, signer)


def _fill(file: IO[bytes], namespace: str, head: Mapping[str, Any], parts: Mapping[str, Lines], signer: Signer) -> str:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as package:
        listed = {name: _add(package, name, lines) for name, lines in parts.items()}
        text = canonical({**head, "parts": listed}).decode()
        for name, content in ((MANIFEST, text), (SIGNATURE, signer.sign(namespace, text.encode()))):
            _add(package, name, [content.encode()])
    return text


def _add(package: zipfile.ZipFile, name: str, lines: Lines) -> dict[str, Any]:
    hashed, size = sha256(), 0
    with package.open(zipfile.ZipInfo(name, EPOCH), "w", force_zip64=True) as out:
        for each in lines:
            out.write(each)
            hashed.update(each)
            size += len(each)
    return {"sha256": hashed.hexdigest(), "bytes": size}


@dataclass(frozen=True)
class Parcel:
    """One that was opened: its manifest, the public key that signed it, and its parts to be read."""

    manifest: Mapping[str, Any]
    text: str
    signature: str
    public: bytes
    package: zipfile.ZipFile

    def has(self, name: str) -> bool:
        """Whether it has a part of this name."""
        return name in self.manifest["parts"]

    def names(self, prefix: str = "") -> list[str]:
        """The names of its parts."""
        return [name for name in self.manifest["parts"] if name.startswith(prefix)]

    def lines(self, name: str) -> Iterator[bytes]:
        """A part line by line, without line ends; its hash is checked as it is read, so read to the end."""
        hashed, rest = sha256(), b""
        for block in self._blocks(name):
            hashed.update(block)
            *whole, rest = (rest + block).split(b"\n")
            yield from whole
        if rest:
            yield rest
        self._compare(name, hashed.hexdigest())

    def content(self, name: str) -> bytes:
        """A part as a whole, checked."""
        content = b"".join(self._blocks(name))
        self._compare(name, sha256(content).hexdigest())
        return content

    def ascii(self, name: str) -> str:
        """A part of plain ASCII, checked."""
        try:
            return self.content(name).decode("ascii")
        except UnicodeDecodeError as error:
            raise EvidenceInvalid(f"{name} is not what it should be", hint="ask for the file again") from error

    def _compare(self, name: str, found: str) -> None:
        if found != self.manifest["parts"][name]["sha256"]:
            raise EvidenceInvalid(f"{name} is not what was signed", hint="ask for the file again")

    def _blocks(self, name: str) -> Iterator[bytes]:
        """A part piece by piece, and not one octet more than was signed."""
        left = int(self.manifest["parts"][name]["bytes"])
        try:
            with self.package.open(name) as file:
                for block in iter(lambda: file.read(BLOCK), b""):
                    left -= len(block)
                    yield self._within(name, block, left)
        except (KeyError, *DAMAGED) as error:
            raise EvidenceInvalid(f"{name} is damaged", hint="ask for the file again") from error

    @staticmethod
    def _within(name: str, block: bytes, left: int) -> bytes:
        if left < 0:
            raise EvidenceInvalid(f"{name} is longer than was signed", hint="ask for the file again")
        return block


@contextmanager
def opened(path: Path, namespace: str, schema: str, shape: Shape | None = None) -> Iterator[Parcel]:
    """Open a file, check its signature, and that its manifest has the ``shape`` that files of this kind have.

    Raise ``InvalidRequest`` for a file of another kind, ``EvidenceInvalid`` for an altered one.
    """
    with regular_file.opened(path, LARGEST) as file:
        try:
            package = zipfile.ZipFile(file)
        except DAMAGED as error:
            hint = "name the file you were given, whole"
            raise InvalidRequest(f"{path.name} is not such a file, or was cut off", hint=hint) from error
        with package:
            given = _checked(package, path, namespace, schema)
            if wrong := misfit(given.manifest, shape or {}):
                raise EvidenceInvalid(f"{path.name} was signed, but {sentence(wrong)}", hint="ask for it again")
            yield given


def _checked(package: zipfile.ZipFile, path: Path, namespace: str, schema: str) -> Parcel:
    other = f"{path.name} is not a {schema.partition('/')[0]} file"
    text, signature = (_small(package, name, other) for name in (MANIFEST, SIGNATURE))
    _right_kind(text, path, schema)
    public = verify(signature, namespace, text.encode())
    try:
        manifest = json.loads(text)
        if manifest["schema"] != schema or canonical(manifest).decode() != text:
            raise InvalidRequest(other, hint="look at what it is called")
        if misfit(list(manifest["parts"].values()), [PART]) or misfit(list(manifest["parts"]), [NAME]):
            raise ValueError("a part is described in another way")
        sizes = [one["bytes"] for one in manifest["parts"].values()]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise EvidenceInvalid(f"{path.name} was signed, but says nothing we know", hint="ask for it again") from error
    if sum(sizes) > LARGEST or len(sizes) > MOST_PARTS:
        raise InvalidRequest(f"{path.name} is larger than any such file may be", hint="ask for a smaller one")
    return Parcel(manifest, text, signature, public, package)


def _right_kind(text: str, path: Path, schema: str) -> None:
    """A helpful word for whoever takes one kind of file for another; it is believed only once it is checked."""
    found = next((kind for kind in TAKEN_BY if f'"schema":"{kind}"' in text), "")
    if found and found != schema:
        message = f"{path.name} is a {found.partition('/')[0]}, not a {schema.partition('/')[0]}"
        raise InvalidRequest(message, hint=f"it is taken in with: {TAKEN_BY[found]}")


def _small(package: zipfile.ZipFile, name: str, other: str) -> str:
    try:
        if package.getinfo(name).file_size > LARGEST_MANIFEST:
            raise InvalidRequest(other, hint="its manifest is too long")
        return package.read(name).decode()
    except (KeyError, UnicodeDecodeError) as error:
        raise InvalidRequest(other, hint="look at what it is called") from error
    except DAMAGED as error:
        raise EvidenceInvalid(f"{name} is damaged", hint="ask for the file again") from error


def document(line: bytes, kind: str) -> Document:
    """A signed text that travels as a line of JSON: not checked yet, but for its shape."""
    try:
        whole = json.loads(line)
    except (ValueError, RecursionError):
        whole = None
    if misfit(whole, LINE):
        raise EvidenceInvalid("a document in it cannot be read", hint="ask for the file again")
    return Document(kind, whole["run"], whole["text"], whole["signature"])


def line(one: Document) -> bytes:
    """The same, to be written."""
    whole = {"run": one.run, "text": one.text, "signature": one.signature}
    return json.dumps(whole, ensure_ascii=False).encode() + b"\n"


def encrypted(content: bytes, recipients: Iterable[bytes]) -> bytes:
    """For the holders of these SSH keys (OpenSSH blobs) only; raise ``InvalidRequest`` for a kind that cannot."""
    import pyrage

    from evidence.enrolment import public_line

    try:
        keys = [pyrage.ssh.Recipient.from_str(public_line(one)) for one in recipients]
    except pyrage.RecipientError as error:
        hint = "an Ed25519 or RSA key in a file can; one on a token cannot"
        raise InvalidRequest("nothing can be encrypted to this kind of key", hint=hint) from error
    return bytes(pyrage.encrypt(content, keys))


def decrypted(content: bytes, private_key: bytes) -> bytes:
    """What was encrypted to us; ``private_key`` is OpenSSH's form without a passphrase, in memory only."""
    import pyrage

    try:
        return bytes(pyrage.decrypt(content, [pyrage.ssh.Identity.from_buffer(private_key)]))
    except pyrage.IdentityError as error:
        raise EvidenceUnavailable("this kind of key cannot decrypt", hint="an Ed25519 or RSA key can") from error
    except pyrage.DecryptError as error:
        hint = "it was made for somebody else: ask for one made for you"
        raise EvidenceInvalid("its private part is not for this key, or was altered", hint=hint) from error
