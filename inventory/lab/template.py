"""The domain made once per machine and unpacked in milliseconds ever after; templates of older code are removed."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from inventory.lab import kernel
from inventory.lab.host import run
from ops.errors import ApplyFailed, NotAuthorised
from ops.private import private_folder

HERE = Path(__file__).parent
MEMORY = Path("/dev/shm")  # provisioning is bound by fsync; memory halves it
MARK = ".new-lab-"
OF_CODE = ("domain", "people", "rights", "samba", "host")
ACCOUNTS = (
    "administrator",
    "people",
    "svc",
    "apprentice1",
    "apprentice2",
    "helpdesk1",
    "onboarding1",
    "mentor1",
    "tester1",
)


@dataclass(frozen=True)
class Template:
    """One packed domain: the archive, its CA and the passwords of its accounts, all private."""

    archive: Path

    @property
    def ca_file(self) -> Path:
        """The domain's certificate authority."""
        return self.archive.with_suffix(".ca.pem")

    @property
    def passwords(self) -> Path:
        """Account → password, as JSON, 0600."""
        return self.archive.with_suffix(".secrets")

    @property
    def checksum(self) -> Path:
        """SHA-256 of the archive, written last."""
        return self.archive.with_suffix(".sha256")

    @property
    def files(self) -> tuple[Path, ...]:
        """All of it."""
        return self.archive, self.ca_file, self.passwords, self.checksum

    @property
    def complete(self) -> bool:
        """Whether it is there and as it was made."""
        if not all(file.exists() for file in self.files):
            return False
        return self.checksum.read_text() == hashlib.sha256(self.archive.read_bytes()).hexdigest()


def template(cache: Path, address: str, people: int) -> Template:
    """The template for this address and so many people, named after everything that goes into it."""
    return Template(cache / f"domain-{people}-{_code()}-{address.replace('.', '_')}.tar.zst")


def _code() -> str:
    text = b"".join((HERE / f"{name}.py").read_bytes() for name in OF_CODE)
    text += "".join(sorted(path.stem for path in (HERE / "hosts").glob("*.py"))).encode()
    return hashlib.sha256(text).hexdigest()[:12]


def build(made: Template, address: str, people: int) -> None:
    """Provision into a temporary folder, pack, and put the finished archive in place last."""
    cache = made.archive.parent
    private_folder(cache, NotAuthorised)
    passwords = {account: f"Lab-{secrets.token_urlsafe(12)}-7a" for account in ACCOUNTS}
    mark = f"{MARK}{os.getpid()}-"
    fast = MEMORY if os.access(MEMORY, os.W_OK) else cache
    with (
        tempfile.TemporaryDirectory(dir=fast, prefix=mark) as work,
        tempfile.TemporaryDirectory(dir=cache, prefix=mark) as new,
    ):
        root = Path(work) / "dc"
        order = {"folder": str(root), "address": address, "people": people, "passwords": passwords}
        _make(json.dumps(order))
        for folder in ("run", "log"):
            shutil.rmtree(root / folder)
            (root / folder).mkdir()
        run("tar", "--zstd", "-cf", f"{new}/archive", "-C", root, ".", timeout=120)
        shutil.copy(root / "private/tls/ca.pem", made.ca_file)
        handle = os.open(made.passwords, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(passwords, file)
        Path(new, "archive").rename(made.archive)
    made.archive.chmod(0o600)
    made.checksum.write_text(hashlib.sha256(made.archive.read_bytes()).hexdigest())


def _make(order: str) -> None:
    """Run the making of the domain under the system's Python; it ends with us."""
    argv = ["/usr/bin/python3", "-m", "inventory.lab.domain"]
    done = subprocess.run(
        argv,
        input=order,
        text=True,
        capture_output=True,
        timeout=900,
        cwd=HERE.parents[1],
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8"},
        preexec_fn=kernel.die_with_parent,  # noqa: PLW1509  single-threaded: nothing has started yet
        check=False,
    )
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if "Error" in line or "ERROR" in line]
        last = (errors or done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise ApplyFailed(f"the practice domain could not be made: {last}", hint="ops doctor shows what is missing")


def tidy(cache: Path) -> None:
    """Remove templates this code can no longer use, and what makers that died have left behind."""
    for archive in cache.glob("domain-*.tar.zst"):
        if f"-{_code()}-" not in archive.name:
            for file in Template(archive).files:
                file.unlink(missing_ok=True)
    for stale in [*cache.glob(f"{MARK}*"), *MEMORY.glob(f"{MARK}*")]:
        if kernel.started(stale.name.split("-")[2]) is None and stale.stat().st_uid == os.geteuid():
            shutil.rmtree(stale, ignore_errors=True)
