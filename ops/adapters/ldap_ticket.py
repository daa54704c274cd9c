"""Asking the Kerberos service for a ticket with a password of our own, to see how it refuses."""

from __future__ import annotations

import os
import shutil
import subprocess

from ops.secret import Secret

SECONDS = 10
SAYS = {  # words of MIT's kinit(1) for KDC_ERR codes 18, 1 and 2, 24, 23 (RFC 4120, 7.5.9)
    "revoked": "revoked",
    "expired": "expired",
    "Preauthentication failed": "wrong password",
    "Password incorrect": "wrong password",
}


def ticket_refusal(principal: str, password: Secret) -> str:
    """``open``, or how it was refused; empty where there is no kinit or no answer to understand."""
    if not shutil.which("kinit"):
        return ""
    try:
        asked = subprocess.run(
            ["kinit", "-c", "MEMORY:", "--", principal],
            input=f"{password.reveal()}\n",
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
            env={**os.environ, "LC_ALL": "C"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    if asked.returncode == 0:
        return "open"
    return next((word for said, word in SAYS.items() if said in asked.stderr), "")
