"""For mentors: take records in, look at them, decide, hand the decisions back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from evidence import returned
from evidence.enrolment import keys_of
from evidence.policy import METHODS
from evidence.review import Decision
from ops.cli import judging, mentoring, sitting
from ops.cli.data import data
from ops.cli.options import words
from ops.cli.site import open_site
from ops.cli.table import hung, table
from ops.cli.terminal import counted, plain
from ops.errors import InvalidRequest

JSON = click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
RUN = click.argument("run")
OF = click.option("--of", "person", default="", help="Whose record, if several could be meant.")
FEEDBACK = click.option(
    "--feedback", default="", callback=words(5000), help="What you say to the apprentice; only they can read it."
)


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--fingerprint", default="", help="The apprentice's key as you were handed it, if nobody enrolled it.")
@JSON
def import_(file: Path, fingerprint: str, as_json: bool) -> None:
    """Take in what an apprentice handed over. Twice changes nothing; gaps and forks are named."""
    with open_site(enter=False) as site:
        got = mentoring.import_file(site, file, fingerprint)
        name = mentoring.name_of(site, got.person)
    events = sum(got.taken.events.values())
    if as_json:
        data("review-import/1", {"person": got.person, "events": events, "records": got.taken.records,
                                   "remarks": list(got.taken.remarks)})  # fmt: skip
        return
    said = "all of it was here already" if got.taken.nothing else f"{counted(got.taken.records, 'new record')}"
    click.echo(f"{plain(name)}: {said}, {counted(events, 'new event')}; every signature and hash holds", err=True)
    for line in got.taken.remarks:
        click.echo(f"  the clock was set back: {plain(line)}", err=True)
    click.echo(f"  names are {got.names}; to look at them: ops review next --of {got.person}", err=True)


@click.command("list")
@JSON
def list_(as_json: bool) -> None:
    """List the records on file, with what was decided about each."""
    with open_site(enter=False, reading=True) as site:
        rows = judging.rows(site)
    if as_json:
        keys = ("person", "record", "day", "what", "decision")
        data("review-list/1", {"records": [dict(zip(keys, row, strict=True)) for row in rows]})
        return
    head = ("apprentice", "record", "day", "what", "decision")
    click.echo(table(head, rows) if rows else "nothing was handed in yet: ops review import FILE")


@click.command("next")
@OF
def next_(person: str) -> None:
    """Go through what waits, record by record, and sign all decisions at the end."""
    with open_site(enter=False) as site:
        known = mentoring.on_file(site)
        if not person and len(known) != 1:
            raise InvalidRequest(
                "say whose records",
                hint=f"--of one of {', '.join(known)}" if known else "first: ops review import FILE",
            )
        sitting.sit(site, person or known[0])


@click.command()
@RUN
@OF
@click.option("--html", "page", type=click.Path(path_type=Path), help="Write it as a page instead.")
@JSON
def show(run: str, person: str, page: Path | None, as_json: bool) -> None:
    """Show one record on file, with questions worth asking about it."""
    with open_site(enter=False, reading=True) as site:
        file, document = judging.find(site, run, person)
        with mentoring.held(file) as held:
            one = judging.looked_at(site, file, held, document)
            lines = list(sitting.screen(held, one, {document.body["performer"]["key"]: file.person}))
    if page:
        judging.write_page(page, document, lines)
        return
    if as_json:
        click.echo(document.text)
        return
    for line in lines:
        click.echo(hung(line, 12))


@click.command()
@OF
@click.option("--number", default=5, show_default=True, type=click.IntRange(1, 1000), help="How many decisions.")
@JSON
def sample(person: str, number: int, as_json: bool) -> None:
    """For the internal verifier: decisions drawn so that nobody can choose them, and how reviewers work."""
    with open_site(enter=False, reading=True) as site:
        drawn, habits = judging.sampled(site, person, number)
    if as_json:
        data("review-sample/1", {"sample": [one.run for one in drawn], "habits": [vars(one) for one in habits]})
        return
    rows = [(o.run, o.apprentice, o.at[:10], o.decision, o.method, o.feedback or "–") for o in drawn]
    click.echo(table(("record", "apprentice", "day", "decision", "method", "feedback"), rows))
    for line in judging.habit_lines(habits):
        click.echo(line)


def decide(run: str, person: str, decision: Decision, criteria: str = "", recheck: bool = False) -> None:
    """Sign one decision by itself."""
    from dataclasses import replace

    with open_site(enter=recheck) as site:
        file, document = judging.find(site, run, person)
        again = judging.read_again(site, file, document) if recheck else None
        made = judging.decided(document, replace(decision, criteria=judging.criteria_from(criteria), again=again))
        before = judging.already(site, file, made)
        signed = before or judging.sign(site, file, [made]).run
    if again:
        click.echo(f"  {sitting.read_again_in_words(document.body, again)}", err=True)
    how = "already so, signed before as" if before else "signed as"
    click.echo(f"{document.run} is {decision.decision}, {how} {signed}", err=True)
    click.echo(f"  to hand it back: ops review return {file.person} -o FILE", err=True)


@click.command()
@RUN
@OF
@click.option("--item", "items", multiple=True, metavar="ITEM", help="Only for this item; again for more.")
@click.option("--method", default="desk", show_default=True, type=click.Choice(METHODS), help="How you judged it.")
@click.option("--criteria", default="", help="Such as vacsr: valid, authentic, current, sufficient, reliable.")
@click.option(
    "--recheck", is_flag=True, help="Read its results again through your own account first, and sign what you saw."
)
@FEEDBACK
def accept(
    run: str, person: str, items: tuple[str, ...], method: str, criteria: str, recheck: bool, feedback: str
) -> None:
    """Accept a record toward what it counts for."""
    decide(run, person, Decision("", "", "accepted", items, method, feedback=feedback), criteria, recheck)


@click.command()
@RUN
@OF
@click.option("--criteria", default="", help="Such as vac-s: sufficient is not met.")
@FEEDBACK
def refer_back(run: str, person: str, criteria: str, feedback: str) -> None:
    """Refer a record back, with what is missing; the next try is linked with it."""
    decide(run, person, Decision("", "", "referred-back", feedback=feedback), criteria)


@click.command()
@RUN
@OF
@FEEDBACK
def reject(run: str, person: str, feedback: str) -> None:
    """Reject a record for good, with the reason."""
    decide(run, person, Decision("", "", "rejected", feedback=feedback))


@click.command()
@RUN
@OF
@FEEDBACK
def withdraw(run: str, person: str, feedback: str) -> None:
    """Withdraw what you decided about a record; both stay on file."""
    with open_site(enter=False) as site:
        document = judging.withdraw(site, run, person, feedback)
    click.echo(f"withdrawn, signed as {document.run}; sign-offs that rest on it stay, and say so", err=True)


@click.command()
@click.argument("person")
@click.argument("item")
@click.option("--initials", default="", help="Yours; from your name if not given.")
@click.option(
    "--because",
    default="",
    callback=words(500),
    help="Why it is enough, where the policy wants more: printed beside it.",
)
@JSON
def sign_off(person: str, item: str, initials: str, because: str, as_json: bool) -> None:
    """Sign an item off for a person: the only source of a date and initials on any paper."""
    with open_site(enter=False) as site:
        document, missing = judging.sign_off(site, person, item, initials, because)
        whose = mentoring.name_of(site, document.body["apprentice"])
    body: dict[str, Any] = document.body
    if as_json:
        data("signoff/1", body)
        return
    by = f"{body['initials']}, outside policy: {plain(because)}" if missing else body["initials"]
    click.echo(f"{body['item']} signed off for {plain(whose)} on {body['date']} by {by}", err=True)


@click.command("return")
@click.argument("person")
@click.option("-o", "--output", "file", required=True, type=click.Path(path_type=Path), help="The file to write.")
@JSON
def return_(person: str, file: Path, as_json: bool) -> None:
    """Hand decisions back, with your signature under how far their evidence goes."""
    with open_site(enter=False) as site:
        found = mentoring.file_of(site, person)
        with mentoring.held(found) as held:
            mentoring.cosign(site, found, held)
        keys = tuple(one.public for one in keys_of(site.signers, found.person, "apprentice"))
        me = site.identity.person
        count = returned.write(file, site.ledger, site.signer, me, found.person, keys, found.point("cosigned"))
    if as_json:
        data("review-return/1", {"file": str(file), "documents": count, "feedback": bool(keys)})
        return
    click.echo(f"{plain(str(file))}: {counted(count, 'document')}, and how far their evidence goes, cosigned", err=True)
    without = "" if keys else "  without feedback: no key of theirs is enrolled to encrypt it to\n"
    click.echo(f"{without}  they take it in with: ops evidence receive {plain(file.name)}", err=True)
