"""The mentor's side: apprentices on file, what they handed in, and whose keys count."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from evidence import checkpoint, keys, parcel, submission
from evidence.enrolment import keys_of, people
from evidence.event import Event, now
from evidence.ledger import Ledger
from evidence.received import Received
from evidence.review import Reviewer
from evidence.roles import SUBMISSION
from evidence.sshsig import fingerprint
from evidence.sshverify import verify
from ops.cli.record import new_run
from ops.cli.site import Site
from ops.errors import EvidenceInvalid, InvalidRequest, NotAuthorised, NotFound
from ops.private import private_folder, write_private

FOLDER = "apprentices"
JUDGES = ("mentor", "assessor")


@dataclass(frozen=True)
class File:
    """Where one apprentice's evidence is kept."""

    folder: Path
    person: str

    @property
    def ledger(self) -> Path:
        """The chains as they were handed in."""
        return self.folder / "ledger.db"

    @property
    def attachments(self) -> Path:
        """Attachments, decrypted."""
        return self.folder / "attachments"

    def point(self, name: str) -> tuple[str, str]:
        """The text and signature of a checkpoint, ``handed-in`` or ``cosigned``; empty if there is none."""
        with suppress(OSError):
            text = (self.folder / f"{name}.txt").read_text(encoding="ascii")
            return text, (self.folder / f"{name}.txt.sig").read_text(encoding="ascii")
        return "", ""

    def keep_point(self, name: str, text: str, signature: str) -> None:
        """Keep a checkpoint; the signature first, so that a text is never there without one."""
        write_private(self.folder / f"{name}.txt.sig", signature)
        write_private(self.folder / f"{name}.txt", text)


def file_of(site: Site, person: str) -> File:
    """The file of one apprentice, by id or the beginning of it or their own name; raise ``NotFound``."""
    known = on_file(site)
    names = {one.person: one.name for one in site.signers_file.listed()}
    found = [
        one for one in known if one.startswith(person) or names.get(one, "").casefold().startswith(person.casefold())
    ]
    if person in known:
        found = [person]
    if not found:
        hint = f"there are: {', '.join(known)}" if known else "ops review import FILE takes in what was handed to you"
        raise NotFound(f"nobody called {person or '…'} has handed anything in", hint=hint)
    if len(found) > 1:
        raise InvalidRequest(f"{person} could be {', '.join(found[:4])}", hint="type more of it")
    return File(site.workspace.state / FOLDER / found[0], found[0])


def on_file(site: Site) -> list[str]:
    """Everybody who has handed something in."""
    folder = site.workspace.state / FOLDER
    return sorted(one.name for one in folder.iterdir() if (one / "ledger.db").is_file()) if folder.is_dir() else []


@contextmanager
def held(file: File, read_only: bool = True) -> Iterator[Received]:
    """The chains of one apprentice."""
    ledger = Received(file.ledger, file.person, read_only)
    try:
        yield ledger
    finally:
        ledger.close()


def reviewer(site: Site) -> Reviewer:
    """Us, as somebody who may judge; raise ``NotAuthorised`` if we are not enrolled for it today."""
    for role in JUDGES:
        if keys_of(site.signers, site.identity.person, role):
            return Reviewer(site.identity.person, site.identity.fingerprint, role)
    hint = "the IT lead does it with your card: ops signers card, then ops signers enrol CARD --role mentor"
    raise NotAuthorised("you are not enrolled as a mentor or assessor", hint=hint)


def name_of(site: Site, person: str) -> str:
    """Somebody's own name, if the list of the enrolled has it."""
    return next((one.name for one in site.signers_file.listed() if one.person == person and one.name), person)


def private_key(site: Site, ask: bool = True) -> bytes:
    """Our private key, ready to decrypt; its passphrase is asked for."""
    from ops.params import parse_slot

    if not site.identity.protected:
        return keys.unlocked(Path(site.identity.key))
    if not ask:
        raise InvalidRequest("your key has a passphrase, and nobody can be asked", hint="run it in a terminal")
    return keys.unlocked(Path(site.identity.key), site.keeper.fill("passphrase", parse_slot("prompt")))


def import_file(site: Site, path: Path, trusted: str, names: bool = True) -> submission.Arrived:
    """Take in what an apprentice handed over; a key nobody enrolled needs its fingerprint, as it was handed over."""
    with parcel.opened(path, SUBMISSION, submission.SCHEMA) as given:
        person = str(given.manifest["from"])
        _belongs(site, person, given.public, trusted)
        file = File(site.workspace.state / FOLDER / person, person)
        private_folder(file.folder)
        secret = private_key(site, site.ask) if names and given.names("private/") else None
        with _one_import(file), held(file, read_only=False) as ledger:
            arrived = submission.take_over(given, ledger, file.attachments, secret)
            _keep_checkpoint(file, ledger, given.public, arrived)
    if not arrived.taken.nothing:
        said = {"from": person, "manifest": fingerprint(given.public), "end": given.manifest["end"]}
        site.ledger.append(Event(new_run(), "imported", now(), said))
    return arrived


def _belongs(site: Site, person: str, public: bytes, trusted: str) -> None:
    """Raise unless this key is that person's: enrolled for handing in today, or named by its fingerprint."""
    found = fingerprint(public)
    if trusted:
        if trusted != found:
            raise EvidenceInvalid(f"it is signed by {found}, not by the key you named", hint="ask whose it is")
        if people(site.signers).get(found, person) != person:
            raise EvidenceInvalid(f"this key is enrolled for somebody else than {person}", hint="ask whose it is")
        return
    enrolled = [one for one in site.signers.enrolments if one.public == public]
    if not enrolled:
        hint = "enrol them: ops signers enrol CARD --role apprentice; or name the key: --fingerprint SHA256:…"
        raise EvidenceInvalid(f"nobody has enrolled the key that signed it, {found}", hint=hint)
    if site.signers.person(public, SUBMISSION, datetime.now(UTC)) != person:
        raise EvidenceInvalid(f"it says it is from {person}, and is signed by {enrolled[0].person}", hint="ask them")


@contextmanager
def _one_import(file: File) -> Iterator[None]:
    """One import at a time for each person."""
    with (file.folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _keep_checkpoint(file: File, ledger: Received, public: bytes, arrived: submission.Arrived) -> None:
    """The apprentice's own checkpoint must be signed by them and be true of what came."""
    if verify(arrived.checkpoint_signature, checkpoint.NAMESPACE, arrived.checkpoint.encode()) != public:
        raise EvidenceInvalid("its checkpoint is signed by another key", hint="ask for the file again")
    if broken := checkpoint.compare(ledger, checkpoint.read(arrived.checkpoint)):
        raise EvidenceInvalid(f"its checkpoint is not true: {broken[0].problem}", hint="ask for the file again")
    file.keep_point("handed-in", arrived.checkpoint, arrived.checkpoint_signature)


def cosign(site: Site, file: File, ledger: Ledger) -> str:
    """Sign how far each chain of a person has come, if it goes on from what we signed last; return the text."""
    reviewer(site)
    before, _ = file.point("cosigned")
    if before and (broken := checkpoint.compare(ledger, checkpoint.read(before))):
        hint = "you hold two histories; look at both before you sign anything"
        raise EvidenceInvalid(f"{broken[0].chain}: {broken[0].problem}", hint=hint)
    text = checkpoint.of(ledger)
    if text != before:
        file.keep_point("cosigned", text, site.signer.sign(checkpoint.NAMESPACE, text.encode()))
        heads = {chain: head.size for chain, head in checkpoint.read(text).items()}
        site.ledger.append(Event(new_run(), "cosigned", now(), {"chains": heads, "of": file.person}))
    return text
