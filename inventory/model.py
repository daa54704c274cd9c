"""What a workspace says there is to work on: its environment, its targets and its settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CLASSES = ("LAB", "STAGING", "PRODUCTION")


@dataclass(frozen=True)
class Target:
    """One thing to work on. ``kind`` names its adapter; ``settings`` are those of the adapter, inherited ones included.

    ``credential`` is a reference and never a secret: ``file:PATH``, ``keyring``, ``prompt`` or ``kerberos``; of a
    host ``key:PATH``, ``agent`` or ``local``.
    """

    name: str
    kind: str
    hostname: str
    port: int = 0
    account: str = ""
    credential: str = "prompt"
    settings: Mapping[str, Any] = field(default_factory=dict)
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class Environment:
    """Where the work counts. ``anchors`` are fingerprints that need a private key to imitate.

    ``lab`` names the practice network to enter before anything is resolved; empty for a real one.
    ``approve`` maps ``reversible`` and ``irreversible`` to who must approve; ``require`` names what every
    changing command must be given.
    """

    kind: str
    name: str
    anchors: tuple[str, ...] = ()
    lab: str = ""
    approve: Mapping[str, str] = field(default_factory=dict)
    require: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True)
class Origin:
    """One setting and where its value came from, for ``ops config show --origin``."""

    name: str
    value: str
    source: str


@dataclass(frozen=True)
class Workspace:
    """A folder with ``ops.toml``: inventory, playbooks and state belong together."""

    folder: Path
    environment: Environment
    targets: Mapping[str, Target]
    settings: Mapping[str, str]
    origins: tuple[Origin, ...] = ()

    @property
    def state(self) -> Path:
        """Ledger, keys and hand-over sheets; private."""
        return self.folder / self.settings["state"]

    @property
    def playbooks(self) -> Path:
        """This workspace's own playbooks."""
        return self.folder / "playbooks"

    def named(self) -> dict[str, tuple[str, ...]]:
        """Kind, group, setting or name → the targets of it, in it, with it, or it itself; a name beats the rest."""
        found: dict[str, tuple[str, ...]] = {}
        for target in self.targets.values():
            for word in dict.fromkeys((target.kind, *target.groups, *target.settings)):
                found[word] = (*found.get(word, ()), target.name)
        return found | {name: (name,) for name in self.targets}
