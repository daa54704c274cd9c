"""A machine that is gone, and whose backup goes on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from inventory.lab.desk import DeskFault
from inventory.lab.faults.no_job import server
from inventory.register.fields import Fields


class DisposedMachine(DeskFault):
    """The register says that srv1 was recycled; its data still lie in backups, and a job still runs."""

    name = "disposed-machine"
    symptom = "Bob Ray's list says that SRV-1 was recycled three weeks ago. Is anything of it left anywhere?"
    lesson = "Data outlive their machine in its backups. Agree how long they are kept, then take them and the job away."
    rule, verdict = "in the register", "WARN"

    def enters(self) -> Mapping[str, Fields]:
        gone = f"{datetime.now(UTC) - timedelta(days=21):%Y-%m-%d}"
        who = {"requested_by": "Research", "approved_by": "Bob Ray", "disposal": "recycled", "disposed_on": gone}
        return {"SRV-1": {"kind": "server", "hostname": "srv1", "state": "disposed", "media": "none", **who}}

    def beside(self) -> Mapping[str, Fields]:
        return {"FS-1": server("fs1")}


FAULT = DisposedMachine()
