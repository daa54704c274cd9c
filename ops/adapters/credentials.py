"""Finding a password by its reference: a file, the keyring, a prompt. Inventories hold references, never secrets."""

from __future__ import annotations

import os
import sys
from getpass import getpass
from pathlib import Path

from ops.errors import InvalidRequest, NotAuthorised
from ops.regular_file import ANY_SIZE, opened
from ops.secret import Secret

SERVICE = "journeyman"
LONGEST = 4096  # characters of a password; a pipe takes so many at once


class NotInKeyring(NotAuthorised):
    """There is a keyring, and the password is not in it."""


def resolve(reference: str, account: str, folder: Path, ask: bool = True) -> Secret | None:
    """The secret behind ``file:PATH`` (relative to ``folder``), ``keyring`` or ``prompt``; None for ``kerberos``."""
    kind, _, rest = reference.partition(":")
    match kind:
        case "kerberos":
            return None
        case "file":
            return _from_file(folder / rest)
        case "keyring":
            return _from_keyring(account)
        case "prompt" if ask and sys.stdin.isatty():
            return Secret(getpass(f"Password of {account}: "))
        case "prompt":
            hint = "run it at a terminal, without --no-input; or name file:PATH or keyring instead of prompt"
            raise NotAuthorised(f"the password of {account} is asked for, and nobody can be asked here", hint=hint)
    raise NotAuthorised(
        f"there is no password for {account}", hint="name one as credential in the inventory: ops help workspace"
    )


def _from_file(path: Path) -> Secret:
    """Its first line, and no more: who names a device or a disk image by mistake is told so."""
    try:
        with opened(path, ANY_SIZE) as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.readline(LONGEST + 1).decode().removesuffix("\n")
    except (InvalidRequest, OSError, UnicodeDecodeError) as error:
        hint = f"write it into that file, then: chmod 600 {path}"
        raise NotAuthorised(f"the password file {path} cannot be read", hint=hint) from error
    if mode & 0o077:
        raise NotAuthorised(f"the password file {path} can be read by others", hint=f"chmod 600 {path}")
    if len(text) > LONGEST:
        raise NotAuthorised(f"the first line of {path} is no password", hint="is it the right file?")
    return Secret(text)


def _from_keyring(account: str) -> Secret:
    import keyring
    from keyring.errors import KeyringError

    try:
        found = keyring.get_password(SERVICE, account)
    except KeyringError as error:
        raise NotAuthorised("this machine has no keyring", hint="use credential: file:… or prompt") from error
    if found is None:
        raise NotInKeyring(f"the keyring has no password of {account}", hint=f"keyring set {SERVICE} {account}")
    return Secret(found)


def store(account: str, secret: Secret) -> None:
    """Put a password into the keyring."""
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(SERVICE, account, secret.reveal())
    except KeyringError as error:
        raise NotAuthorised("this machine has no keyring", hint="use credential: file:… or prompt") from error
