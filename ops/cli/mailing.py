"""Mailing a report to whom the workspace names; nothing of the figures stands in the message but the first page's."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING

from ops.adapters.credentials import resolve
from ops.adapters.smtp import send, server
from ops.cli.site import Site
from ops.cli.terminal import plain
from ops.errors import InvalidRequest

if TYPE_CHECKING:
    from inventory.report.parts import Workbook

KIND = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")
LARGEST = 20 << 20  # bytes of a file; more is not taken by most servers


def configured(site: Site) -> bool:
    """Whether the workspace says where mail goes."""
    return bool(site.workspace.settings["smtp"] and site.workspace.settings["mail_to"])


def mail(site: Site, file: Path, workbook: Workbook) -> str:
    """Send a report; returns to whom. Raise ``InvalidRequest`` if it is not said where, or the file is too large."""
    settings = site.workspace.settings
    if not configured(site):
        raise InvalidRequest("ops.toml does not say where mail goes", hint="set smtp and mail_to: ops help workspace")
    if file.stat().st_size > LARGEST:
        raise InvalidRequest(f"{file.name} is too large to be mailed", hint="hand it over in another way")
    folder = site.workspace.folder
    account = settings["smtp_account"]
    at = server(settings["smtp"], account, folder / settings["smtp_ca_file"] if settings["smtp_ca_file"] else None)
    secret = resolve(settings["smtp_credential"], account, folder, site.ask) if account else None
    send(at, message(file, workbook, settings["mail_from"] or account, settings["mail_to"]), secret)
    return settings["mail_to"]


def message(file: Path, workbook: Workbook, sender: str, to: str) -> EmailMessage:
    """The message: how things stand in words, and the workbook."""
    if "@" not in sender or "@" not in to:
        raise InvalidRequest("mail needs a sender and a receiver", hint="set mail_from and mail_to in ops.toml")
    summary = workbook.summary
    assert summary
    lines = [f"{one.verdict}: {one.subject}. {one.reason}" for one in summary.lights]
    gaps = [f"Not covered: {one}" for one in summary.not_covered]
    made = EmailMessage()
    bad = sum(one.verdict in ("FAIL", "ERROR") for one in summary.lights)
    made["Subject"] = f"{workbook.title}, as of {workbook.moment}: {bad} of {len(summary.lights)} fail"
    made["From"], made["To"] = sender, to
    check = f"To check the file: ops report verify {file.name}"
    made.set_content("\n".join(plain(line) for line in (*lines, "", *gaps, "", check)) + "\n")
    made.add_attachment(file.read_bytes(), maintype=KIND[0], subtype=KIND[1], filename=file.name)
    return made
