"""Checking SSH signatures in this process: Ed25519, ECDSA and RSA."""

from __future__ import annotations

import base64
from functools import lru_cache
from typing import Any

from evidence.sshsig import Signature, dearmor, parse, preimage, strings
from ops.errors import EvidenceInvalid

CURVES = (b"ecdsa-sha2-nistp256", b"ecdsa-sha2-nistp384", b"ecdsa-sha2-nistp521")
ALGORITHMS = {b"ssh-ed25519": b"ssh-ed25519", b"ssh-rsa": b"rsa-sha2-512"} | {curve: curve for curve in CURVES}


def verify(armored: str, namespace: str, message: bytes) -> bytes:
    """Check a signature and return the public key that made it."""
    return verify_blob(dearmor(armored), namespace, message)


def verify_blob(blob: bytes, namespace: str, message: bytes) -> bytes:
    """The same, for a signature without its armor."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    signature = parse(blob)
    if signature.namespace != namespace:
        raise EvidenceInvalid(f"made for {signature.namespace}, not {namespace}")
    try:
        _check(signature, preimage(namespace, message, signature.hash))
    except InvalidSignature:
        raise EvidenceInvalid("the text is not what was signed") from None
    except (UnsupportedAlgorithm, ValueError, NotImplementedError) as error:
        raise EvidenceInvalid(f"cannot be checked: {error}") from None
    return signature.public


def _check(signature: Signature, signed: bytes) -> None:
    """Raise unless the key made the signature; the algorithm is the one that belongs to the kind of key."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding

    kind, *_ = strings(signature.public)
    algorithm, raw = strings(signature.wire)
    if algorithm != ALGORITHMS.get(kind):
        raise EvidenceInvalid(f"a signature by {kind.decode('ascii', 'replace')} needs ssh-keygen -Y verify")
    key = _public_key(signature.public)
    if kind == b"ssh-ed25519":
        key.verify(raw, signed)
    elif kind == b"ssh-rsa":
        key.verify(raw, signed, padding.PKCS1v15(), hashes.SHA512())
    else:
        digest = {256: hashes.SHA256(), 384: hashes.SHA384(), 521: hashes.SHA512()}[key.key_size]
        key.verify(_der(raw), signed, ec.ECDSA(digest))


@lru_cache(maxsize=256)
def _public_key(public: bytes) -> Any:
    from cryptography.hazmat.primitives.serialization import load_ssh_public_key

    name = next(strings(public))
    return load_ssh_public_key(name + b" " + base64.b64encode(public))


def _der(raw: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    r, s = (int.from_bytes(part, "big") for part in strings(raw))
    return encode_dss_signature(r, s)
