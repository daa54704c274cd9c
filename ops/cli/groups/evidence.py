"""Records of what was done."""

from __future__ import annotations

from pathlib import Path

import click

from evidence import export as files
from evidence import verification
from evidence.ledger import Document
from evidence.record import NAMESPACE
from ops.cli.data import data
from ops.cli.options import Options
from ops.cli.reading import enrolled, record_lines
from ops.cli.runs import find_run
from ops.cli.site import Site, open_site
from ops.cli.table import hung, table
from ops.cli.terminal import counted, plain
from ops.errors import EvidenceInvalid, InvalidRequest, NotFound


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def list_(as_json: bool) -> None:
    """List all records, oldest first, with what each is worth by itself."""
    with open_site(enter=False, reading=True) as site:
        bodies = [document.body for document in site.ledger.documents(NAMESPACE)]
    if as_json:
        data("evidence-list/1", {"records": bodies})
        return
    rows = [
        (b["id"], b["when"]["start"][:16], b["op"].get("title", b["op"].get("source", "")), b["outcome"]["status"],
         b["strength"]["machine"], b["env"]["class"], " ".join(tag["item"] for tag in b["tags"]))
        for b in bodies
    ]  # fmt: skip
    click.echo(table(("record", "when", "what", "how it ended", "proof", "where", "counts toward"), rows))


@click.command()
@click.argument("run")
@click.option("--json", "as_json", is_flag=True, help="Print the record itself, as it was signed.")
def show(run: str, as_json: bool) -> None:
    """Show one record: who, what, where, what came of it, what it counts toward, and what a mentor said of it."""
    with open_site(enter=False, reading=True) as site:
        found = find_run(site, run)
        document = site.ledger.document(found, NAMESPACE)
        if document is None:
            raise NotFound(f"run {found} has no record yet", hint=f"ops run resume {found}")
        if as_json:
            click.echo(document.text)
            return
        lines = _shown(site, document)
    for line in lines:
        click.echo(hung(line, 15 if line[:2] == "  " != line[2:4] else 12))


def _shown(site: Site, document: Document) -> list[str]:
    """A record with what was decided about it; raise ``EvidenceInvalid`` for one that was altered."""
    from evidence.review import standing
    from ops.cli.handing import about, decided_lines

    run = document.run
    names = {name: value for event in site.ledger.run(run) for name, value in event.private.items()}
    checked = files.check_record(run, document.text.encode(), document.signature, enrolled(site))
    if checked.verdict == "altered":
        raise EvidenceInvalid(f"record {run}: {checked.detail}", hint="ops evidence verify")
    stands = standing(about(site)).get(run)
    return [*record_lines(document.body, names, checked, stands), *decided_lines(site, run)]


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--fingerprint", default="", help="The performer's key as you were handed it: SHA256:…")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def verify(folder: Path | None, fingerprint: str, as_json: bool) -> None:
    """Verify the whole ledger, or an export made by somebody else."""
    if folder is None:
        verify_ledger(as_json)
        return
    if not folder.is_dir():
        raise InvalidRequest(f"{folder} is not a folder", hint=verification.HOW)
    checked = files.check(folder, {fingerprint: "the key you were handed"} if fingerprint else {})
    if as_json:
        rows = [vars(one) for one in checked]
        data("evidence-verify/1", {"records": rows})
    else:
        click.echo(table(("record", "verdict", "why"), [(one.run, one.verdict, one.detail) for one in checked]))
    if bad := [one.run for one in checked if one.verdict != "holds"]:
        hint = "give the fingerprint you were handed: --fingerprint SHA256:…"
        raise EvidenceInvalid(f"{len(bad)} of {len(checked)} records are not shown to hold", hint=hint)


def verify_ledger(as_json: bool) -> None:
    """Walk every chain and every signature of this workspace."""
    with open_site(enter=False, reading=True) as site:
        found = verification.verify(site.ledger, enrolled(site))
    if as_json:
        data("ledger-verify/1", {"chains": found.sizes, "records": found.records, "faults": list(found.faults)})
    for line in found.faults:
        click.echo(plain(line), err=True)
    if found.faults:
        raise EvidenceInvalid(f"{len(found.faults)} faults", hint="keep the files as they are and tell your mentor")
    if not as_json:
        events = sum(found.sizes.values())
        click.echo(f"{events} events and {found.records} records hold; tamper-evident only up to what others hold")


@click.command()
@click.argument("runs", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All records.")
@click.option("--to", "folder", required=True, type=click.Path(path_type=Path), help="A new folder.")
@click.option("--with-names", is_flag=True, help="Include the private part: names of people and hosts.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def export(runs: tuple[str, ...], every: bool, folder: Path, with_names: bool, as_json: bool) -> None:
    """Write records as files that anybody can check with ssh-keygen."""
    with open_site(enter=False, reading=True) as site:
        all_ = (one.run for one in site.ledger.each(NAMESPACE))
        wanted = all_ if every else [find_run(site, run) for run in runs]
        count = files.export(site.ledger, wanted, folder, site.identity.person, with_names)
        fingerprint = site.identity.fingerprint
    if as_json:
        data("evidence-export/1", {"folder": str(folder), "records": count, "fingerprint": fingerprint})
        return
    click.echo(f"{counted(count, 'record')} in {plain(str(folder))}; VERIFY.txt there says how to check them", err=True)
    click.echo(f"  hand your key's fingerprint over in person: {fingerprint}", err=True)


@click.command()
@click.argument("run")
@click.option("--of", "person", default="", help="An apprentice on file with you: their name or id.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def recheck(run: str, person: str, as_json: bool) -> None:
    """Read again what a run brought about: still true, changed since, or gone. Nothing is changed."""
    from ops.cli import judging, mentoring, rechecking
    from ops.cli.auditing import tell

    with open_site() as site:
        if person:
            file, document = judging.find(site, run, person)
            with mentoring.held(file) as held:
                made, parts = rechecking.recheck(site, held, document.run)
        else:
            made, parts = rechecking.recheck(site, site.ledger, find_run(site, run))
    tell(*parts, made, Options(json=as_json))


@click.command()
@click.option("-o", "--output", "file", required=True, type=click.Path(path_type=Path), help="The file to write.")
@click.option("--to", default="", help="The mentor it is for, if several are enrolled.")
@click.option("--without-names", is_flag=True, help="For a training provider: only pseudonyms leave.")
@click.option("--since", type=click.IntRange(0), help="From this event on; otherwise what is new since the last time.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def submit(file: Path, to: str, without_names: bool, since: int | None, as_json: bool) -> None:
    """Hand in what is new: signed, and what names people encrypted to your mentor."""
    from ops.cli import handing

    with open_site(enter=False) as site:
        whom = handing.recipient(site, to, without_names)
        made = handing.submit(site, file, whom, since)
    if as_json:
        data("evidence-submit/1", vars(made) | {"file": str(file), "to": whom.person})
        return
    for line in handing.submitted_lines(file, made, whom):
        click.echo(line, err=True)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def receive(file: Path, as_json: bool) -> None:
    """Take in what a mentor decided. Twice changes nothing."""
    from ops.cli import handing

    with open_site(enter=False) as site:
        got = handing.receive(site, file)
        lines = list(handing.received_lines(site, got))
    if as_json:
        data("evidence-receive/1", {"from": got.mentor, "reviews": len(got.reviews), "signoffs": len(got.signoffs)})
        return
    for line in lines:
        click.echo(line)


@click.command()
@click.argument("what", metavar="RUN|PERSON")
@click.option("--yes", "-y", is_flag=True, help="Go ahead without asking.")
def erase(what: str, yes: bool) -> None:
    """Erase what names people, of one run or of a person everywhere. Records and signatures stay valid."""
    from ops.cli import erasing

    with open_site(enter=False) as site:
        found = erasing.find(site, what)
        if not yes:
            about = f"about {plain(found.what)} in {counted(len(found.runs), 'run')}" if found.what else found.runs[0]
            click.confirm(f"Erase the names {about}? They cannot come back, nor can these be undone then", abort=True)
        count = erasing.erase(site, found)
        left = list(erasing.not_reached(site))
    click.echo(
        f"{counted(count, 'private value')} of {counted(len(found.runs), 'run')} gone from this ledger", err=True
    )
    for line in left:
        click.echo(f"  not reached: {plain(line)}", err=True)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def recover(as_json: bool) -> None:
    """Take events of an emergency out of the second place into the ledger, and make their records."""
    from ops.cli.emergency import recover as take_in

    with open_site(enter=False) as site:
        count, runs = take_in(site)
    if as_json:
        data("recovered/1", {"events": count, "runs": runs})
        return
    click.echo(f"{count} events taken into the ledger: {', '.join(runs)}" if count else "nothing waits there", err=True)
