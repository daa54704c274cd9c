"""SSH keys that sign evidence: made once, private, with or without a passphrase; or one the agent holds."""

from __future__ import annotations

from pathlib import Path

from evidence.sshsig import Ed25519Key, KeygenKey, Signer, fingerprint
from ops.errors import EvidenceInvalid, EvidenceUnavailable
from ops.private import private_folder, write_private
from ops.secret import Secret

RESTORE = "restore it from a backup: another key cannot sign for this person"


def make(path: Path, comment: str, passphrase: Secret | None = None) -> str:
    """Write a new Ed25519 key pair in OpenSSH form, 0600; return its fingerprint. An existing file is kept."""
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    locked: form.KeySerializationEncryption = form.NoEncryption()
    if passphrase is not None:
        locked = form.BestAvailableEncryption(passphrase.reveal().encode())
    private = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.OpenSSH, locked)
    public = key.public_key().public_bytes(form.Encoding.OpenSSH, form.PublicFormat.OpenSSH)
    if path.exists():
        raise EvidenceUnavailable(f"there is a key at {path} already", hint="keep using it")
    private_folder(path.parent)
    try:
        write_private(path.with_name(path.name + ".pub"), f"{public.decode()} {comment}\n")
        write_private(path, private.decode(), replace=False)  # last: a key that is there is there with its public half
    except OSError as error:
        raise EvidenceUnavailable(f"the key cannot be written: {error.strerror}", hint="ops doctor") from error
    return fingerprint(Ed25519Key(key).public)


def load(path: Path, passphrase: Secret | None = None) -> Signer:
    """A signer from a private key file; a ``.pub`` file, or a key type of another kind, signs through OpenSSH."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_ssh_private_key

    if path.suffix == ".pub":
        return KeygenKey(path)
    try:
        data = path.read_bytes()
        key = load_ssh_private_key(data, passphrase.reveal().encode() if passphrase else None)
    except OSError as error:
        raise EvidenceUnavailable(f"the signing key {path} cannot be read", hint=RESTORE) from error
    except UnsupportedAlgorithm:
        return KeygenKey(path)
    except TypeError:
        raise EvidenceUnavailable("the signing key has a passphrase", hint=f"ssh-add {path}") from None
    except ValueError as error:
        if passphrase:
            problem = f"the passphrase is not the right one for {path}, or the key is damaged"
            raise EvidenceUnavailable(problem, hint=f"ssh-keygen -yf {path}") from None
        raise EvidenceInvalid(f"{path} is not an SSH private key", hint=RESTORE) from error
    return Ed25519Key(key) if isinstance(key, Ed25519PrivateKey) else KeygenKey(path)


def unlocked(path: Path, passphrase: Secret | None = None) -> bytes:
    """A private key in OpenSSH's form without its passphrase, for memory only: decrypting needs it so."""
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.serialization import load_ssh_private_key

    try:
        key = load_ssh_private_key(path.read_bytes(), passphrase.reveal().encode() if passphrase else None)
    except OSError as error:
        raise EvidenceUnavailable(f"the key {path} cannot be read", hint=RESTORE) from error
    except TypeError:
        raise EvidenceUnavailable("the key has a passphrase, which is needed to decrypt", hint="type it") from None
    except ValueError:
        raise EvidenceUnavailable(f"the passphrase is not the right one for {path}", hint="try again") from None
    return key.private_bytes(form.Encoding.PEM, form.PrivateFormat.OpenSSH, form.NoEncryption())
