"""What an operator's account on a host must be allowed to run is exactly what is run there."""

from __future__ import annotations

import ast

from inventory.lab.services.ssh import COMMANDS
from ops.adapters.host_folders import PACK
from tests.architecture.house import ROOT

AS_THE_OWNER = {"dd", "touch"}  # in a home, with its owner's rights
AS_ANYBODY = {"ps", "test"}


def run_on_hosts() -> set[str]:
    """The first word of every list of words in the files that run programs on hosts."""
    texts = [
        (ROOT / f"ops/adapters/{name}.py").read_text()
        for name in ("host_logins", "host_jobs", "host_folders", "host_quota")
    ]
    lists = [node for text in texts for node in ast.walk(ast.parse(text)) if isinstance(node, ast.List) and node.elts]
    firsts = [node.elts[0].value for node in lists if isinstance(node.elts[0], ast.Constant)]
    return {word for word in firsts if str(word).isalnum()} | {PACK[0]}


def test_the_list_of_commands_is_what_is_run() -> None:
    allowed = {command.rpartition("/")[2] for command in COMMANDS}
    assert run_on_hosts() - AS_THE_OWNER - AS_ANYBODY == allowed
