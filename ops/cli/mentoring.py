"""The mentor's side: apprentices on file, what they handed in, and whose keys count."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from evidence import checkpoint, keys, submission
from evidence.enrolment import keys_of, people
from evidence.event import Event, now
from evidence.ledger import Ledger
from evidence.received import Received
from evidence.review import Reviewer
from evidence.roles import SUBMISSION
from evidence.signers import Enrolment
from evidence.sshsig import fingerprint
from evidence.sshverify import verify
from ops.cli.record import new_run
from ops.cli.site import Site
from ops.errors import EvidenceInvalid, InvalidRequest, NotAuthorised, NotFound
from ops.private import keep_private, one_at_a_time, private_folder

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
        keep_private(self.folder / f"{name}.txt.sig", signature)
        keep_private(self.folder / f"{name}.txt", text)


def file_of(site: Site, person: str) -> File:
    """The file of one apprentice, by id, by their own name, or by one whole word of it; raise ``NotFound``."""
    known = on_file(site)
    names = {one.person: one.name.casefold() for one in site.signers_file.listed()}
    wanted = person.casefold()
    found = [one for one in known if wanted and wanted in (one, names.get(one))]
    found = found or [one for one in known if wanted in names.get(one, "").split()]
    if not found:
        there = ", ".join(f"{one} {name_of(site, one)}" if one in names else one for one in known)
        hint = f"there are: {there}" if known else "ops review import FILE takes in what was handed to you"
        raise NotFound(f"nobody called {person or '…'} has handed anything in", hint=hint)
    if len(found) > 1:
        raise InvalidRequest(f"{person} could be {', '.join(found[:4])}", hint="give the id")
    return File(site.workspace.state / FOLDER / found[0], found[0])


def on_file(site: Site) -> list[str]:
    """Everybody who has handed something in, and it was taken in to its end."""
    folder = site.workspace.state / FOLDER
    return sorted(one.name for one in folder.iterdir() if (one / "handed-in.txt").is_file()) if folder.is_dir() else []


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
    with submission.opened(path) as given:
        person = given.manifest["from"]
        _belongs(site, person, given.public, trusted)
        secret = private_key(site, site.ask) if names and given.names("private/") else None
        folder = private_folder(site.workspace.state / FOLDER)
        file = File(folder / person, person)
        with one_at_a_time(folder), _taken_or_not_there(file):
            _bound(site, file, given.public)
            with held(file, read_only=False) as ledger:
                arrived = submission.take_over(given, ledger, file.attachments, secret)
            file.keep_point("handed-in", arrived.checkpoint, arrived.checkpoint_signature)
    if not arrived.taken.nothing:
        said = {"from": person, "manifest": fingerprint(given.public), "end": given.manifest["end"]}
        site.ledger.append(Event(new_run(), "imported", now(), said))
    return arrived


def _belongs(site: Site, person: str, public: bytes, trusted: str) -> None:
    """Raise unless this key is that person's: enrolled for handing in today, or named by its fingerprint.

    Who is enrolled is spoken for by enrolled keys alone, whatever fingerprint is named.
    """
    found, mine = fingerprint(public), [one for one in site.signers.enrolments if one.person == person]
    owner = people(site.signers).get(found, "")
    if trusted and trusted != found:
        raise EvidenceInvalid(f"it is signed by {found}, not by the key you named", hint="ask whose it is")
    if owner not in ("", person):
        raise EvidenceInvalid(f"it says it is from {person}, and is signed by {owner}", hint="ask them")
    if mine and not owner:
        hint = "keep the file, and ask them; a new key of theirs: ops signers enrol CARD --role apprentice"
        raise EvidenceInvalid(f"{person} is enrolled, and {found}, which signed it, is no key of theirs", hint=hint)
    if not owner and not trusted:
        hint = "enrol them: ops signers enrol CARD --role apprentice; or name the key: --fingerprint SHA256:…"
        raise EvidenceInvalid(f"nobody has enrolled the key that signed it, {found}", hint=hint)
    if trusted and owner:
        _today(mine, public)
    elif owner:
        site.signers.person(public, SUBMISSION, datetime.now(UTC))


def _today(mine: Sequence[Enrolment], public: bytes) -> None:
    """Raise unless this key counts today, in whatever role: a mentor hands in as well."""
    if not any(one.public == public and one.after <= datetime.now(UTC) <= one.before for one in mine):
        raise EvidenceInvalid("the key that signed it does not count today", hint="ops signers list says until when")


def _bound(site: Site, file: File, public: bytes) -> None:
    """Somebody nobody enrolled stays who they were when they first came: whoever holds that key."""
    path, found = file.folder / "key.txt", fingerprint(public)
    before = path.read_text(encoding="ascii").strip() if path.is_file() else _signed_before(file)
    if before not in ("", found) and found not in people(site.signers):
        hint = f"ask {file.person} in person; the IT lead can enrol them: ops signers enrol CARD --role apprentice"
        raise EvidenceInvalid(f"{file.person} came with the key {before} before, and this is {found}", hint=hint)
    private_folder(file.folder)
    keep_private(path, f"{found}\n")


def _signed_before(file: File) -> str:
    """The key of the last hand-in, where it was taken in by a version that kept no key."""
    text, signature = file.point("handed-in")
    return fingerprint(verify(signature, checkpoint.NAMESPACE, text.encode())) if text else ""


@contextmanager
def _taken_or_not_there(file: File) -> Iterator[None]:
    """Nothing is left of somebody whose first file was refused."""
    new = not file.folder.exists()
    try:
        yield
    except BaseException:
        if new:
            shutil.rmtree(file.folder, ignore_errors=True)
        raise


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
