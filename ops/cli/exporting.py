"""Papers and bundles: gathered from the ledger, with names or with pseudonyms made for one recipient."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evidence.coverage import Coverage
from evidence.event import now
from evidence.ledger import Ledger
from evidence.papers import bundle, files
from evidence.papers.blocks import Block
from evidence.papers.dossier import Dossier, Line, best, line_of, pseudonym
from evidence.papers.portfolio import portfolio
from evidence.papers.sheets import SHEETS
from evidence.review import Judged
from evidence.signoff import all_signed
from ops.cli import covering, handing, mentoring
from ops.cli.site import Site
from ops.errors import InvalidRequest
from ops.private import private_folder, write_private

PORTFOLIO, BUNDLE = "portfolio", "bundle"
WHAT = (PORTFOLIO, BUNDLE, *SHEETS)
RECIPIENTS = "recipients"
LAST_COMMENT = 3  # options, kind and key; what follows on a line of signers is somebody's own name


@dataclass(frozen=True)
class Wish:
    """What is to be exported, for whom, and what is to be left out."""

    what: str
    person: str = ""
    frameworks: tuple[str, ...] = ()
    provider: str = ""
    best: int = 0
    without_reflections: bool = False


def export(site: Site, wish: Wish, path: Path) -> dict[str, Any]:
    """Write it; say what it holds."""
    if not wish.person:
        return _export(site, wish, path, site.ledger, site.identity.person)
    file = mentoring.file_of(site, wish.person)
    with mentoring.held(file) as held:
        return _export(site, wish, path, held, file.person)


def _export(site: Site, wish: Wish, path: Path, records: Ledger, person: str) -> dict[str, Any]:
    if wish.what == BUNDLE and not (wish.best or wish.frameworks or wish.without_reflections):
        return _bundle(site, wish, path, records, person, None)  # of any length: nothing but one record is in memory
    needed = _needed(wish)
    made, stands = covering.coverage(site, records, site.ledger, person, needed)
    only = _only(made, stands, wish, records)
    if wish.what == BUNDLE:
        return _bundle(site, wish, path, records, person, only)
    dossier = _dossier(site, wish, records, person, made, stands)
    blocks: Sequence[Block]
    if wish.what in SHEETS:
        blocks, title = SHEETS[wish.what][1](dossier), f"{wish.what.replace('-', ' ').capitalize()} of {dossier.person}"
    else:
        blocks, title = portfolio(dossier, only), f"Portfolio of {dossier.person}"
    files.write(path, blocks, title)
    return {"file": str(path), "records": len(dossier.lines) if only is None else len(only), "of": dossier.total}


def _needed(wish: Wish) -> tuple[str, ...]:
    """The frameworks a paper is about; raise ``InvalidRequest`` if another one was wished for."""
    if wish.what not in SHEETS:
        return wish.frameworks
    own = SHEETS[wish.what][0]
    if other := [one for one in wish.frameworks if one != own]:
        hint = "leave --framework out, or export a portfolio"
        raise InvalidRequest(f"{wish.what} is a paper of {own}, not of {other[0]}", hint=hint)
    return (own,)


def _only(made: Coverage, stands: Mapping[str, Judged], wish: Wish, records: Ledger) -> frozenset[str] | None:
    """The runs that are asked for; None for all."""
    if not (wish.best or wish.without_reflections or wish.frameworks):
        return None
    states = list(made.states.values())
    if wish.best:
        return frozenset(best(states, stands, wish.best))
    kinds = {body["id"]: body["kind"] for body in covering.bodies(records)}
    wanted = {piece.run for state in states for piece in state.pieces} if wish.frameworks else set(kinds)
    return frozenset(run for run in wanted if not (wish.without_reflections and kinds[run] == "reflection"))


def _dossier(
    site: Site, wish: Wish, records: Ledger, person: str, made: Coverage, stands: Mapping[str, Judged]
) -> Dossier:
    lines = [line_of(body, stands.get(body["id"])) for body in covering.bodies(records)]
    shown = [line for line in lines if not (wish.without_reflections and line.kind == "reflection")]
    point = _checkpoint(site, wish, person)[0]
    signed = [one for one in all_signed(site.ledger) if one.apprentice == person]
    listed = {one.person: one.name or one.person for one in site.signers_file.listed()}
    listed |= {site.identity.person: site.identity.name or site.identity.person}
    if wish.provider:
        key = recipient_key(site, wish.provider)
        listed = {one: pseudonym(key, one) for one in {person, *listed, *(one.signer.person for one in signed)}}
    told = {} if wish.provider else _told(records, shown)
    who = listed.get(person, person)
    return Dossier(who, made, shown, stands, signed, told, listed, point, now(), len(lines))


def _told(records: Ledger, lines: Sequence[Line]) -> dict[str, dict[str, str]]:
    """What was told in statements, as far as it was not erased."""
    found = {}
    for line in lines:
        if line.kind not in ("operation", "audit"):
            values = [event.private for event in records.run(line.run) if event.kind == "answered"]
            answers = {name.removeprefix("answer_"): str(text) for each in values for name, text in each.items()}
            found[line.run] = answers
    return found


def _checkpoint(site: Site, wish: Wish, person: str) -> tuple[str, str]:
    """The newest cosigned checkpoint and its signature; empty if there is none."""
    if wish.person:
        return mentoring.file_of(site, person).point("cosigned")
    points = handing.cosigned(site)
    for mentor, text in points.items():
        path = site.workspace.state / handing.FOLDER / f"{mentor}.txt.sig"
        return text, path.read_text(encoding="ascii")
    return "", ""


def recipient_key(site: Site, name: str) -> bytes:
    """The secret that makes pseudonyms for one recipient; made once, kept privately, never exported."""
    if not name.isidentifier() and not name.replace("-", "").isalnum():
        raise InvalidRequest(
            f"{name} cannot name a recipient", hint="letters, digits and hyphens: --provider north-college"
        )
    path = private_folder(site.workspace.state / RECIPIENTS) / f"{name}.key"
    if not path.exists():
        write_private(path, secrets.token_hex(32), replace=False)
    return bytes.fromhex(path.read_text(encoding="ascii"))


def _bundle(
    site: Site, wish: Wish, path: Path, records: Ledger, person: str, only: frozenset[str] | None
) -> dict[str, Any]:
    point, signature = _checkpoint(site, wish, person)
    more = {"checkpoint.txt": point.encode(), "checkpoint.txt.sig": signature.encode()} if point else {}
    if text := site.signers_file.text:
        _ = site.signers
        more["signers"] = _without_names(text).encode() if wish.provider else text.encode()
        if not wish.provider:
            more["signers.sig"] = site.signers_file.signature.read_bytes()
    count, total = bundle.write(path, records, site.ledger, person, only, more, site.signer)
    return {"file": str(path), "records": count, "of": total}


def _without_names(text: str) -> str:
    """The list of signers without the people's own names; its signature goes with the names."""
    lines = [line.split(" ") for line in text.splitlines()]
    return "".join(" ".join(words[: LAST_COMMENT + 1]) + "\n" for words in lines)
