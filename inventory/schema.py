"""The shape of inventory files: Nornir's SimpleInventory with our own data below it, nothing unknown allowed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from ops.errors import InvalidRequest

NEEDED = {"directory": ("base", "ca_file")}


def hosts_file(path: Path) -> dict[str, tuple[dict[str, Any], list[str]]]:
    """Host name → its own fields and the names of its groups."""
    return _members(path)


def groups_file(path: Path) -> dict[str, tuple[dict[str, Any], list[str]]]:
    """Group name → its own fields and the names of its parents; a missing file has no groups."""
    return _members(path) if path.exists() else {}


def defaults_file(path: Path) -> dict[str, Any]:
    """What every host inherits; a missing file gives nothing."""
    return _fields(_parse(path, _member())) if path.exists() else {}


def check_settings(name: str, kind: str, settings: Mapping[str, Any], path: Path) -> None:
    """Raise ``InvalidRequest`` if a target lacks what its adapter needs."""
    for key in NEEDED.get(kind, ()):
        if key not in settings:
            raise InvalidRequest(f"{path}: {name} needs {key}", hint=f"write it below data, or in a group of {name}")


def _members(path: Path) -> dict[str, tuple[dict[str, Any], list[str]]]:
    from pydantic import RootModel

    class File(RootModel[dict[str, _member()]]):  # type: ignore[misc]
        """Names to members."""

    parsed = _parse(path, File).root
    return {name: (_fields(member), list(member.groups)) for name, member in parsed.items()}


def _fields(member: Any) -> dict[str, Any]:
    data = {key: value for key, value in member.data.model_dump().items() if value not in (None, {})}
    fields = {
        "hostname": member.hostname,
        "port": member.port,
        "username": member.username,
        "platform": member.platform,
    }
    return {key: value for key, value in fields.items() if value is not None} | {"data": data}


def _parse(path: Path, model: Any) -> Any:
    from ops import strictyaml

    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"the inventory file {path} cannot be read", hint="ops init makes one") from error
    return strictyaml.parse(text, model, str(path))


def _member() -> Any:
    from pydantic import BaseModel, ConfigDict, Field

    class Strict(BaseModel):
        model_config = ConfigDict(extra="forbid")

    class Places(Strict):
        staff: str = ""
        leavers: str = ""
        service: str = ""
        groups: str = ""
        roles: str = ""

    class Data(Strict):
        kind: str | None = None
        base: str | None = None
        ca_file: str | None = None
        credential: str | None = None
        connect_to: str | None = None
        accounts_for: list[str] | None = None
        homes: str | None = None
        archive: str | None = None
        handed_over: str | None = None
        mailboxes: str | None = None
        quota: str | None = None
        sign_in_log: str | None = None
        ticket_hours: Annotated[int, Field(ge=1, le=240)] | None = None
        places: Places | None = None

    class Member(Strict):
        hostname: str | None = None
        port: Annotated[int, Field(ge=1, le=65535)] | None = None
        username: str | None = None
        platform: str | None = None
        groups: list[str] = []
        data: Data = Data()

    return Member
