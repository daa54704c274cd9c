"""What an LDAP server's refusals mean, in our errors.

Only the result code, the 8-digit Windows error and the ``data`` code are read; texts differ between servers.
Sources: RFC 4511 A.2, MS-ERREF 2.2, MS-ADTS 3.1.1.3.1.3.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ops.errors import ApplyFailed, Conflict, NotAuthorised, OpsError, Unreachable

SIGN_IN = {
    "52e": ("the account name or password is wrong", "ops config show tells which account is used"),
    "530": ("the account may not sign in at this hour", "ask its administrator"),
    "531": ("the account may not sign in from this computer", "ask its administrator"),
    "532": ("the account's password has expired", "set a new one, then run: ops init"),
    "533": ("the account is disabled", "ask its administrator"),
    "701": ("the account has expired", "ask its administrator"),
    "773": ("the account must change its password first", "set a new one, then run: ops init"),
    "775": ("the account is locked after wrong passwords", "ask for it to be unlocked"),
}
RIGHT_PASSWORD = ("773", "533", "532", "530", "531", "701")  # refusals that come only after a right password
MOVED_ON = {16, 20, 32, 53, 64, 68}  # gone, already there, or not the value we expected
NO_RIGHT, CONSTRAINT, BUSY, UNAVAILABLE, STRONGER_AUTH = 50, 19, 51, 52, 8
POLICY, ALREADY_USED = "0000052D", ("0000202F", "000021C8")


def data_code(message: str) -> str:
    """The ``data`` code of a refused sign-in, such as ``52e``; empty if there is none."""
    found = re.search(r"\bdata ([0-9a-f]+)", message)
    return found.group(1) if found else ""


def sign_in_refused(result: Mapping[str, Any], account: str) -> OpsError:
    """Why a bind was refused."""
    message = str(result.get("message", ""))
    if result.get("result") == STRONGER_AUTH:
        return NotAuthorised("the server wants a stronger way to sign in", hint="use LDAPS with a password")
    why, hint = SIGN_IN.get(data_code(message), (f"the server refused it: {result.get('description')}", "ops doctor"))
    return NotAuthorised(f"cannot sign in as {account}: {why}", hint=hint)


def refusal(result: Mapping[str, Any]) -> OpsError | None:
    """Why a write was refused; None if it was done."""
    code, message = int(result["result"]), str(result.get("message", ""))
    windows = message[:8].upper()
    if code == 0:
        return None
    if code == NO_RIGHT:
        return NotAuthorised("your account has no right to do this here", hint="ops doctor shows what it may do")
    if code == CONSTRAINT and POLICY in message.upper():
        return ApplyFailed("the password does not meet the domain's policy", hint="use a longer one, or: generated")
    if code == CONSTRAINT and windows in ALREADY_USED:
        return Conflict("the sign-in name is already used by somebody else", hint="plan again")
    if code in MOVED_ON or windows == "00002085":
        return Conflict("it is no longer as it was when the plan was made", hint="plan again")
    if code in (BUSY, UNAVAILABLE):
        return Unreachable("the domain controller is too busy to answer", hint="wait a minute and resume")
    return ApplyFailed(f"the domain controller refused it: {result.get('description')} {windows}", hint="ops doctor")


def unreachable(host: str, error: Exception) -> OpsError:
    """Why no connection came about, or why it broke while reading."""
    text = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in text:
        why = text.partition("failed: ")[2].partition(" (_ssl")[0] or "it is not trusted"
        return Unreachable(f"the certificate of {host} was refused: {why}", hint="is ca_file the right one? ops doctor")
    if "invalid server address" in text or "Name or service not known" in text:
        return Unreachable(f"no server is known by the name {host}", hint="check the name and DNS: ops doctor")
    if "timed out" in text:
        return Unreachable(f"{host} did not answer in time", hint="is the network up? ops doctor")
    return Unreachable(f"{host} could not be reached", hint="is it up? ops doctor")
