"""Imports point down, and each library has one room."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

import pytest

from tests.architecture.house import Module, modules

SIMPLE = ("ops.errors", "ops.private", "ops.secret", "ops.written", "ops.regular_file")
STRICT = (*SIMPLE, "ops.strictyaml")
WORDS = (
    *STRICT,
    *("ops.strictyaml_mistakes", "ops.params", "ops.change", "ops.finding", "ops.operation", "ops.audit"),
    *("ops.naming", "ops.transliteration", "ops.question"),
)
ENGINE = ("plan", "runner", "history", "keeper", "undo", "approval", "playbook", "playbook_file", "public")
OF_ENGINE = tuple(f"ops.{name}" for name in ENGINE)
OF_WORK = (
    "ops.change",
    "ops.errors",
    "ops.finding",
    "ops.naming",
    "ops.operation",
    "ops.params",
    "ops.private",
    "ops.regular_file",
    "ops.secret",
    "ops.written",
)
FACES = (  # protocols, records, changes and guards; no library
    "ops.adapters.backup",
    "ops.adapters.backup_change",
    "ops.adapters.backup_counting",
    "ops.adapters.backup_database",
    "ops.adapters.backup_look",
    "ops.adapters.backup_return",
    "ops.adapters.backup_sides",
    "ops.adapters.directory*",
    "ops.adapters.estate",
    "ops.adapters.handover",
    "ops.adapters.host",
    "ops.adapters.host_guards",
    "ops.adapters.hosts",
    "ops.adapters.leavers",
    "ops.adapters.pages",
    "ops.adapters.past",
    "ops.adapters.register",
    "ops.adapters.register_words",
    "ops.adapters.schedule",
)
RULES_OF_REGISTER = ("entitlements_in", "fields", "importing", "keys", "measuring", "media", "states", "stocktake")
OF_REGISTER = tuple(f"inventory.register.{name}" for name in RULES_OF_REGISTER)
OF_ESTATE = ("inventory.register.*", "inventory.licence.*", "inventory.estate.*")

# Who may import what; the first line that fits a module is its rule, and a module without one fails.
RULES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ops", ()),
    ("ops.errors", ()),
    ("ops.secret", ()),
    ("ops.written", ()),
    ("ops.regular_file", ("ops.errors",)),
    ("ops.private", ("ops.errors",)),
    ("ops.transliteration", ()),
    ("ops.finding", ()),
    ("ops.strictyaml", ("ops.errors", "ops.strictyaml_mistakes")),
    ("ops.strictyaml_mistakes", ("ops.errors", "ops.strictyaml")),
    ("ops.naming", ("ops.errors", "ops.transliteration")),
    ("ops.params", SIMPLE),
    ("ops.question", ("ops.errors",)),
    ("ops.change", SIMPLE),
    ("ops.operation", ("ops.errors",)),
    ("ops.audit", ("ops.operation",)),
    ("ops.trace", ("ops.operation",)),
    *((name, (*WORDS, *OF_ENGINE, "evidence.*")) for name in OF_ENGINE),
    ("ops.adapters.register*", (*OF_WORK, "ops.adapters.register*", *OF_ESTATE)),
    ("ops.adapters.backup*", (*OF_WORK, "ops.adapters.backup*", "inventory.backup.*")),
    ("ops.adapters.restic", (*OF_WORK, "ops.adapters.backup*", "inventory.backup.*")),
    ("ops.adapters.borg", (*OF_WORK, "ops.adapters.backup*", "inventory.backup.*")),
    ("ops.adapters.tar*", (*OF_WORK, "ops.adapters.backup*", "ops.adapters.tar*", "inventory.backup.*")),
    ("ops.adapters.rsync*", (*OF_WORK, "ops.adapters.backup*", "inventory.backup.*")),
    ("ops.adapters.ssh_shelf", (*OF_WORK, "ops.adapters.*", "inventory.backup.model")),
    ("ops.adapters.ssh_tree", (*OF_WORK, "ops.adapters.*", "inventory.backup.model")),
    ("ops.adapters.ssh_originals", (*OF_WORK, "ops.adapters.*", "inventory.backup.measuring")),
    ("ops.adapters.*", (*OF_WORK, "ops.adapters.*")),
    ("ops.operations.*", (*OF_WORK, *FACES, *OF_REGISTER, "inventory.licence.reclaim")),
    ("ops.lookups.*", (*OF_WORK, *FACES)),
    ("ops.audits.*", (*OF_WORK, "ops.audit", *FACES, *OF_REGISTER, *OF_ESTATE, "inventory.backup.*")),
    ("ops.traces.*", (*OF_WORK, "ops.trace", *FACES)),
    ("ops.cli.*", ("ops", "ops.*", "evidence.*", "inventory.*")),
    ("ops.adapters", ()),
    ("ops.operations", ()),
    ("ops.lookups", ()),
    ("ops.audits", ()),
    ("ops.traces", ()),
    ("ops.cli", ()),
    ("evidence*", (*STRICT, "evidence.*")),
    ("inventory*", (*STRICT, "inventory.*")),
)
# Where a third-party library, or a part of it, may be used at all.
ROOMS = {
    "ldap3": ("ops.adapters.ldap*",),
    "paramiko": ("ops.adapters.ssh", "ops.adapters.ssh_files", "ops.adapters.ssh_shelf", "ops.adapters.ssh_tree"),
    "pyasn1": ("ops.adapters.ldap*",),
    "gssapi": ("ops.adapters.ldap*",),
    "keyring": ("ops.adapters.credentials", "ops.cli.examining"),
    "yaml": ("ops.strictyaml*",),
    "pydantic": (
        "ops.strictyaml*",
        "ops.playbook_file",
        "inventory.schema",
        "inventory.taking_in.mapping",
        "inventory.estate.networks",
        "inventory.licence.recognition_file",
        "inventory.backup.schema",
    ),
    "nornir": ("inventory.*",),
    "sqlalchemy": ("inventory.register.*",),
    "alembic": ("inventory.register.*",),
    "segno": ("inventory.register.labels",),
    "cryptography": ("evidence.*", "ops.adapters.ldap_connection", "ops.adapters.ssh", "ops.cli.examining"),
    "openpyxl": ("evidence.papers.*", "inventory.report.*", "inventory.taking_in.xlsx_package"),
    "sqlite3": ("evidence.store", "evidence.ledger", "inventory.lab.data", "ops.adapters.backup_trial"),
    "defusedxml": ("inventory.estate.scans",),
    "smtplib": ("ops.adapters.smtp",),
    "rfc8785": ("evidence.canonical",),
    "rich": ("ops.cli.*",),
    "click": ("ops.cli.*",),
    "anyascii": ("ops.transliteration",),
    "psutil": ("evidence.store", "ops.cli.*", "ops.adapters.this_machine", "ops.adapters.backup_limits"),
    "samba": ("inventory.lab.domain",),
    "ldb": ("inventory.lab.domain",),
}


def fits(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def package(name: str) -> str:
    return name.removesuffix(".__init__")


def family(name: str) -> str:
    """``ops.adapters.directory_guards`` belongs to ``directory``."""
    return name.rpartition(".")[2].partition("_")[0]


def upward(all_modules: Iterable[Module]) -> list[str]:
    """Every import that no rule allows, and every module that no rule covers."""
    wrong = []
    for module in all_modules:
        rule = next((allowed for pattern, allowed in RULES if fits(package(module.name), [pattern])), None)
        if rule is None:
            wrong.append(f"{module.name} has no rule: which floor is it on?")
            continue
        wrong += [f"{module.name} imports {name}" for name in sorted(module.imports) if not fits(package(name), rule)]
    return wrong


def between_adapters(all_modules: Iterable[Module]) -> list[str]:
    """An adapter may know its own kind; a library's file may know the kind it implements; kinds know no other."""
    kinds = {"backup", "directory", "handover", "host", "leavers", "register", "schedule"}
    shared = {"pages"}  # what several small kinds are made of
    wrong = []
    for module in (m for m in all_modules if m.name.startswith("ops.adapters.")):
        others = (
            {family(name) for name in module.imports if name.startswith("ops.adapters.")}
            - {family(module.name)}
            - shared
        )
        limit = set() if family(module.name) in kinds and not module.name.endswith("_folder") else kinds
        wrong += [f"{module.name} knows {other}" for other in sorted(others - limit)]
        if len(others & kinds) > 1:
            wrong.append(f"{module.name} knows two kinds")
    return wrong


def misplaced(all_modules: Iterable[Module]) -> list[str]:
    return [
        f"{module.name} uses {library}"
        for module in all_modules
        for library, rooms in ROOMS.items()
        if library in module.libraries and not fits(module.name, rooms)
    ]


def test_imports_point_down_only() -> None:
    assert upward(modules()) == []


def test_two_kinds_of_adapter_never_know_each_other() -> None:
    assert between_adapters(modules()) == []


def test_each_library_has_one_room() -> None:
    assert misplaced(modules()) == []


@pytest.mark.parametrize(
    ("name", "line", "check"),
    [
        ("ops.errors", "from ops.plan import Plan", upward),
        ("ops.plan", "from ops.cli.show import plan", upward),
        ("ops.operations.account.unlock", "from ops.adapters.ldap import connect", upward),
        ("evidence.record", "from ops.change import Change", upward),
        ("inventory.load", "def f():\n    from ops.plan import Plan", upward),
        ("ops.newcomer", "", upward),
        ("ops.adapters.handover", "from ops.adapters.directory import Directory", between_adapters),
        ("ops.adapters.ldap", "from ops.adapters import directory, handover", between_adapters),
        ("ops.operations.account.unlock", "import ldap3", misplaced),
        ("ops.cli.show", "from yaml import safe_load", misplaced),
    ],
)
def test_a_planted_violation_is_found(name: str, line: str, check: object) -> None:
    assert len(check([Module(name, line)])) == 1  # type: ignore[operator]
