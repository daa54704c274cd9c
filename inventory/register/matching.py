"""Which asset of the register a row means: by tag, else by serial number with maker, else by UUID; else a new one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from sqlalchemy import select

from inventory.licence.model import Product
from inventory.register.fields import Fields
from inventory.register.keys import serial_key, uuid_key
from inventory.register.states import LIVE
from inventory.register.tables import table
from ops.errors import Refused

if TYPE_CHECKING:
    from inventory.register.store import Pen

MANY = 500  # tags asked for at once


class Known:
    """What a bulk of rows needs of the register, read once; see ``inventory.register.rules.Things``."""

    def __init__(self, pen: Pen) -> None:
        self._pen = pen
        self._live: dict[str, str] = {}  # serial or UUID key → tag of a live asset
        self._gone: dict[str, str] = {}  # the same of assets that left
        self._tags: set[str] = set()
        self._serials: dict[str, str] = {}  # tag → serial key, of those that have one
        self._highest: dict[str, int] = {}  # prefix → the highest number given after it
        self._near: dict[str, Fields] = {}  # those looked at just now
        made = table("asset")
        asked = select(made.c.key, made.c.serial_key, made.c.uuid_key, made.c.live, made.c.voided)
        voided = set()
        for row in pen.rows(asked.order_by(made.c.key)):
            if row.voided:
                voided.add(row.key)
                continue
            self._tags.add(row.key)
            if row.serial_key:
                self._serials[row.key] = row.serial_key
            (self._live if row.live else self._gone).update(
                dict.fromkeys(filter(None, (row.serial_key, row.uuid_key)), row.key)
            )
        self.voided = frozenset(voided)

    def means(self, fields: Mapping[str, str]) -> tuple[str, str]:
        """The tag of the asset a row means, and by what; empty for a new one.

        Raise ``Refused`` where its tag means one asset and its serial number or UUID another.
        """
        by_tag = fields.get("tag", "") if fields.get("tag", "") in self._tags else ""
        keys = {"serial": serial_key(fields.get("serial", ""), fields.get("maker", ""))}
        keys["uuid"] = uuid_key(fields.get("uuid", ""))
        for name, key in keys.items():
            other = self._live.get(key, "") if key else ""
            if by_tag and other and other != by_tag:
                raise Refused(f"{by_tag} has the {name} of {other}", hint="one of them is wrong; correct the file")
        if by_tag or fields.get("tag"):
            return by_tag, "tag" if by_tag else ""
        for name, key in keys.items():
            if found := (self._live.get(key) or self._gone.get(key) if key else ""):
                self._one(found, keys["serial"])
                return found, name
        return "", ""

    def _one(self, tag: str, serial: str) -> None:
        """Two serial numbers are two machines, whatever else they share: cloned disks share a UUID (glpi#9741)."""
        known = self._serials.get(tag, "")
        if serial and known and serial != known:
            hint = "a cloned machine has its own serial number; give it a tag"
            raise Refused(f"it has the UUID of {tag}, and another serial number", hint=hint)

    def look(self, rows: Iterable[Mapping[str, str]]) -> None:
        """Read the assets that these rows may mean, some hundreds at a time."""
        self._near = {}
        wanted = sorted({tag for fields in rows for tag in self._perhaps(fields)})
        for start in range(0, len(wanted), MANY):
            self._near |= self._pen.some("asset", wanted[start : start + MANY])

    def _perhaps(self, fields: Mapping[str, str]) -> Iterable[str]:
        if fields.get("tag", "") in self._tags:
            return [fields["tag"]]
        return [found for key in _keys(fields) if key and (found := self._live.get(key) or self._gone.get(key))]

    def took(self, tag: str, fields: Fields) -> None:
        """What a row made of an asset counts for the rows after it."""
        self._tags.add(tag)
        for key in filter(None, _keys(self._near.get(tag, {}))):
            if self._live.get(key) == tag:
                del self._live[key]
        self._near[tag] = fields
        if serial := _keys(fields)[0]:
            self._serials[tag] = serial
        for key in filter(None, _keys(fields)):
            if fields["state"] in LIVE:
                self._live[key] = tag
            elif self._live.get(key) == tag:
                del self._live[key]

    def next_tag(self, prefix: str) -> str:
        """The next free number after a prefix: ``LAP-`` → ``LAP-0042``."""
        if prefix not in self._highest:
            numbers = (tag.removeprefix(prefix) for tag in self._tags if tag.startswith(prefix))
            self._highest[prefix] = max((int(one) for one in numbers if one.isdecimal()), default=0)
        self._highest[prefix] += 1
        while (found := f"{prefix}{self._highest[prefix]:04}") in self._tags or found in self.voided:
            self._highest[prefix] += 1
        return found

    @property
    def products(self) -> Mapping[str, Product]:
        """What licences can be for."""
        return self._pen.products

    def read(self, ref: str) -> Fields | None:
        """One thing."""
        kind, _, key = ref.partition(":")
        if kind != "asset":
            return self._pen.read(ref)
        if key in self._near:
            return self._near[key]
        return self._pen.read(ref) if key in self._tags else None

    def find(self, kind: str, **equal: str) -> Mapping[str, Fields]:
        """Things of a kind, as the register has them."""
        return self._pen.find(kind, **equal)

    def previous(self, ref: str) -> Fields | None:  # noqa: ARG002
        """Nothing: an import takes no step back."""
        return None

    def twin(self, key: str, fields: Fields) -> str:
        """Another live asset with the same serial or UUID."""
        others = (self._live.get(one, "") for one in _keys(fields) if one)
        return next((other for other in others if other and other != key), "")


def _keys(fields: Mapping[str, str]) -> tuple[str, str]:
    return serial_key(fields.get("serial", ""), fields.get("maker", "")), uuid_key(fields.get("uuid", ""))
