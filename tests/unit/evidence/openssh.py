"""OpenSSH as the second opinion: key files, agents and the verdicts of the real ``ssh-keygen``."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def ssh(*arguments: str | Path, text: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run ``ssh-keygen`` (no terminal, never asking)."""
    return subprocess.run(["ssh-keygen", *map(str, arguments)], input=text, capture_output=True, check=False)


def new_key(folder: Path, kind: str = "ed25519", bits: str = "", passphrase: str = "") -> Path:
    """A key pair that ``ssh-keygen`` made."""
    path = folder / f"{kind}{bits}"
    size = ["-b", bits] if bits else []
    done = ssh("-q", "-t", kind, *size, "-N", passphrase, "-C", "test", "-f", path)
    assert done.returncode == 0, done.stderr
    return path


def signed(key: Path, namespace: str, text: bytes) -> str:
    """What ``ssh-keygen -Y sign`` writes."""
    done = ssh("-Y", "sign", "-q", "-n", namespace, "-f", key, text=text)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


def accepts(allowed: Path, who: str, namespace: str, signature: str, text: bytes, at: str = "") -> bool:
    """Whether ``ssh-keygen -Y verify`` says the signature is good."""
    file = allowed.with_name("signature")
    file.write_text(signature, encoding="ascii")
    when = [f"-Overify-time={at}"] if at else []
    done = ssh("-Y", "verify", "-f", allowed, "-I", who, "-n", namespace, "-s", file, *when, text=text)
    return done.returncode == 0


@contextmanager
def agent(folder: Path) -> Iterator[str]:
    """A real ssh-agent; yields its socket and ends it by its own process."""
    socket = folder / "agent"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        process.stdout.readline()
        yield str(socket)
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()
