"""A system in use that no job makes copies of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from inventory.lab.desk import DeskFault
from inventory.register.fields import Fields


def server(hostname: str) -> Fields:
    """A server that stands in the rack and is worked with."""
    since = f"{datetime.now(UTC):%Y-%m-%d}"
    held = {"holder": "location:Rack 1", "held_since": since, "location": "Rack 1", "site": "Leith"}
    return {"kind": "server", "hostname": hostname, "state": "deployed", **held}


class NoJob(DeskFault):
    """A new server; whoever set it up forgot its backup, or thought that somebody else would see to it."""

    name = "no-job"
    symptom = "Research has a new server, web1. Since when is it in the backup, they ask?"
    lesson = "A job that was never made cannot fail. Only the register knows what there is: compare it with the jobs."
    rule, verdict = "has a job", "FAIL"

    def enters(self) -> Mapping[str, Fields]:
        return {"WEB-1": server("web1")}

    def beside(self) -> Mapping[str, Fields]:
        return {"FS-1": server("fs1"), "SRV-1": server("srv1")}


FAULT = NoJob()
