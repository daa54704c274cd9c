#!/usr/bin/env python3
"""Checks an evidence bundle with nothing but Python: python3 verify.py BUNDLE.zip (or a folder it was unpacked to).

Every file against the hash in the manifest, every signature (Ed25519, RFC 8032, in OpenSSH's SSHSIG envelope), that
each signer was entitled to it, that each record names the key it was signed with, that its events lead to it, and
that decisions are about records that are there. What it cannot check it says. Exit: 0 holds, 1 does not, 2 usage.
"""

from __future__ import annotations

import base64
import hashlib
import json
import pathlib
import re
import struct
import sys
import zipfile
from collections.abc import Iterator
from typing import Any

Point = tuple[int, int, int, int]
Line = tuple[str, bytes, list[str], str, str]  # person, key, namespaces, from, until
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)
KINDS = {"records": "evidence-record-v1", "reviews": "evidence-review-v1", "signoffs": "evidence-signoff-v1"}


def recover(y: int, sign: int) -> int | None:
    """The x of a point on the curve, or None."""
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P:
        x = x * ROOT % P
    if (x * x - xx) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def decompress(data: bytes) -> Point | None:
    """32 octets as a point in extended coordinates, or None."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    x = recover(y, sign) if y < P else None
    return None if x is None else (x, y, 1, x * y % P)


def add(p: Point, q: Point) -> Point:
    """The sum of two points."""
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(number: int, point: Point) -> Point:
    """A multiple of a point."""
    total: Point = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = add(total, point)
        point, number = add(point, point), number >> 1
    return total


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = recover(BASE_Y, 0) or 0
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def ed25519(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether a signature (64 octets) of a message is by this key (32 octets)."""
    a, r = decompress(public), decompress(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or a is None or r is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    left, right = times(s, BASE), add(r, times(h, a))
    return not (left[0] * right[2] - right[0] * left[2]) % P and not (left[1] * right[2] - right[1] * left[2]) % P


def strings(data: bytes) -> list[bytes]:
    """The length-prefixed strings of an SSH structure."""
    found = []
    while data:
        (size,) = struct.unpack(">I", data[:4])
        if size > len(data) - 4:
            raise ValueError("cut off")
        found.append(data[4 : 4 + size])
        data = data[4 + size :]
    return found


def armor(blob: bytes) -> bytes:
    """A signature as a text, in the one way that ssh-keygen writes it."""
    text = base64.b64encode(blob).decode()
    lines = [text[at : at + 70] for at in range(0, len(text), 70)]
    return "\n".join(["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", ""]).encode()


def signed(armored: bytes, namespace: str, message: bytes) -> bytes:
    """The public key (blob) that made an SSHSIG signature; raises ValueError if it does not hold."""
    text = armored.decode("ascii").strip().splitlines()
    blob = base64.b64decode("".join(text[1:-1]), validate=True)
    if blob[:6] != b"SSHSIG" or blob[6:10] != b"\0\0\0\1" or armored != armor(blob):
        raise ValueError("is not an SSH signature as ssh-keygen writes it")
    public, space, reserved, algorithm, raw = strings(blob[10:])
    if space.decode() != namespace:
        raise ValueError(f"was signed for {space.decode()}, not {namespace}")
    kind, key = strings(public)[0], strings(public)[1]
    if kind != b"ssh-ed25519":
        raise ValueError(f"has a key of the kind {kind.decode()}: check it with ssh-keygen, as VERIFY.txt says")
    hashed = hashlib.new(algorithm.decode(), message).digest() if algorithm in (b"sha256", b"sha512") else b""
    parts = [space, reserved, algorithm, hashed]
    inner = b"SSHSIG" + b"".join(struct.pack(">I", len(part)) + part for part in parts)
    name, value = strings(raw)
    if not hashed or name != kind or not ed25519(key, inner, value):
        raise ValueError("is not what was signed")
    return public


def fingerprint(public: bytes) -> str:
    """A key as ssh-keygen names it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(public).digest()).decode().rstrip("=")


def enrolled(text: str) -> list[Line]:
    """(person, key blob, namespaces, after, before) of each line of an allowed_signers file."""
    found = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        person, _, rest = line.partition(" ")
        options = dict(re.findall(r'([a-z-]+)="([^"]*)"', rest))
        found_key = re.search(r"(?:ssh|ecdsa|sk)-\S+ (\S+)", rest)
        key = base64.b64decode(found_key[1]) if found_key else b""
        names = options.get("namespaces", "*").split(",")
        found.append((person, key, names, options.get("valid-after", ""), options.get("valid-before", "")))
    return found


def entitled(signers: list[Line], public: bytes, namespace: str, at: str) -> str | None:
    """Who this key belongs to, if it counted for this at that time (RFC 3339); else None."""
    moment = re.sub(r"[^0-9]", "", at[:19])
    for person, key, names, after, before in signers:
        low, high = after.rstrip("Z").ljust(14, "0"), before.rstrip("Z").ljust(14, "0") if before else "9" * 14
        if key == public and (namespace in names or "*" in names) and low <= moment <= high:
            return person
    return None


class Bundle:
    """A bundle, packed or unpacked."""

    def __init__(self, path: pathlib.Path) -> None:
        self.package = zipfile.ZipFile(path) if path.is_file() else None
        self.folder = path

    def read(self, name: str) -> bytes:
        """The octets of one file in it."""
        return self.package.read(name) if self.package else (self.folder / name).read_bytes()

    def names(self) -> list[str]:
        """All files in it."""
        if self.package:
            return sorted(self.package.namelist())
        return sorted(str(one.relative_to(self.folder)) for one in self.folder.rglob("*") if one.is_file())


def check_files(bundle: Bundle, manifest: dict[str, Any]) -> Iterator[str]:
    """Files that are missing, altered, or not in the manifest."""
    listed = manifest["files"]
    for name in sorted(set(bundle.names()) - set(listed) - {"manifest.json", "manifest.json.sig", "verify.py"}):
        yield f"{name}: the manifest does not name it"
    for name, wanted in sorted(listed.items()):
        try:
            if hashlib.sha256(bundle.read(name)).hexdigest() != wanted:
                yield f"{name}: was altered"
        except Exception as error:
            yield f"{name}: cannot be read ({type(error).__name__})"


def check_signed(bundle: Bundle, signers: list[Line], folder: str, name: str) -> Iterator[str]:
    """What is wrong with one signed text."""
    try:
        text = bundle.read(name)
        public = signed(bundle.read(name + ".sig"), KINDS[folder], text)
        body = json.loads(text)
        who = body.get("performer") or body.get("reviewer") or body.get("signer")
        at = body.get("when", {}).get("end") or body.get("ended") or body.get("at")
        if who["key"] != fingerprint(public):
            yield f"{name}: names another key than the one that signed it"
        elif signers and entitled(signers, public, KINDS[folder], at) != who["id"]:
            yield f"{name}: its signer was not enrolled for that at {at}"
        if folder == "records":
            yield from check_events(bundle, name, body)
    except Exception as error:
        yield f"{name}: {error}"


def check_events(bundle: Bundle, name: str, body: dict[str, Any]) -> Iterator[str]:
    """Whether the events of a record lead to the head it names."""
    lines = bundle.read(name[: -len(".json")] + ".events").splitlines()
    hashes = {json.loads(line)["seq"]: hashlib.sha256(line).hexdigest() for line in lines}
    chain = body["chain"]
    broken = [line for line in map(json.loads, lines) if hashes.get(line["seq"] - 1, line["prev"]) != line["prev"]]
    own = [seq for seq in hashes if seq <= chain["last"]]
    if broken or hashes.get(chain["last"]) != chain["head"] or len(own) != chain["count"]:
        yield f"{name}: its events do not lead to it"


def check_links(bundle: Bundle) -> Iterator[str]:
    """Decisions about records that are not there, or are not the same; sign-offs without their reviews."""
    names = bundle.names()
    hashes = {n: hashlib.sha256(bundle.read(n)).hexdigest() for n in names if n.endswith(".json") and "/" in n}
    records = {n[8:-5]: h for n, h in hashes.items() if n.startswith("records/")}
    reviews = {h for n, h in hashes.items() if n.startswith("reviews/")}
    for name in (n for n in names if n.startswith("reviews/") and n.endswith(".json")):
        for one in json.loads(bundle.read(name))["reviews"]:
            if records.get(one["record"]["id"], one["record"]["sha256"]) != one["record"]["sha256"]:
                yield f"{name}: it is about another record {one['record']['id']} than the one here"
    for name in (n for n in names if n.startswith("signoffs/") and n.endswith(".json")):
        for one in json.loads(bundle.read(name))["rests_on"]:
            if one["review"] not in reviews:
                yield f"{name}: the review it rests on is not here"


def main(argv: list[str]) -> int:
    """Check, print, and return the exit code."""
    if len(argv) != 2 or argv[1].startswith("-"):
        print(__doc__)
        return 2
    try:
        bundle = Bundle(pathlib.Path(argv[1]))
        text = bundle.read("manifest.json")
        manifest = json.loads(text)
        owner = signed(bundle.read("manifest.json.sig"), "evidence-bundle-v1", text)
    except Exception as error:
        print(f"manifest.json: {error}")
        return 1
    faults = list(check_files(bundle, manifest))
    signers = enrolled(bundle.read("signers").decode()) if "signers" in manifest["files"] else []
    counts: dict[str, int] = {}
    for folder in KINDS:
        wanted = [n for n in bundle.names() if n.startswith(folder + "/") and n.endswith(".json")]
        counts[folder] = len(wanted)
        for name in wanted:
            faults += check_signed(bundle, signers, folder, name)
    faults += check_links(bundle) if not faults else []
    for fault in faults:
        print(f"DOES NOT HOLD  {fault}")
    print(f"made {manifest['made'][:10]} by key {fingerprint(owner)}: compare it with what you were handed")
    records, reviews, signoffs = counts.values()
    print(f"{records} of {manifest['total']} records, {reviews} reviews, {signoffs} sign-offs")
    if not signers:
        print("nobody's key was enrolled: that each record is by the key it names was checked, whose it is was not")
    print("not shown: who sat at the keyboard; what came after the last checkpoint; help that was not declared")
    print("DOES NOT HOLD" if faults else "holds")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
