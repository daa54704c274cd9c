"""Sanitising media before an asset leaves: which technique does what to which medium (NIST SP 800-88 r1, 2.5 and A)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from inventory.register.fields import Fields
from inventory.register.states import CLASSES, one_of
from ops.errors import Refused

DONE = {"clear": "cleared", "purge": "purged", "destroy": "destroyed"}
METHODS = ("clear", "purge", "destroy")  # each reaches further than the one before

# Medium → technique → how far it reaches. Degaussing does nothing to flash; overwriting flash leaves spare cells.
TECHNIQUES: Mapping[str, Mapping[str, str]] = {
    "hdd": {"overwrite": "clear", "secure-erase": "purge", "crypto-erase": "purge", "degauss": "purge"},
    "ssd": {"overwrite": "clear", "block-erase": "purge", "sanitize": "purge", "crypto-erase": "purge"},
    "flash": {"overwrite": "clear"},
    "phone": {"factory-reset": "clear", "crypto-erase": "purge"},
    "device": {"factory-reset": "clear", "firmware-reset": "purge"},
    "tape": {"overwrite": "clear", "degauss": "purge"},
    "optical": {},
    "paper": {},
}
PHYSICAL = {"shred": "destroy", "incinerate": "destroy", "pulverise": "destroy", "melt": "destroy"}
LEAST = {"public": "clear", "internal": "clear", "confidential": "purge", "secret": "destroy"}


def reach(kind: str, technique: str) -> str:
    """How far a technique reaches on a medium; raise ``Refused`` where it does nothing to it."""
    one_of("the kind of a medium", kind, tuple(TECHNIQUES))
    known = {**TECHNIQUES[kind], **PHYSICAL}
    if technique not in known:
        raise Refused(f"{technique} is no way to sanitise {kind}", hint=f"what does: {', '.join(known)}")
    return known[technique]


def check_medium(medium: Fields) -> None:
    """Raise unless what is written of a medium can be true; one without a technique waits for it."""
    one_of("the kind of a medium", medium.get("kind", ""), tuple(TECHNIQUES))
    one_of("a method", medium.get("method", ""), METHODS)
    technique = medium.get("technique", "")
    if not technique:
        return
    reached = reach(medium.get("kind", ""), technique)
    if medium.get("method") != reached:
        said = f"{technique} on a {medium['kind']} is {reached}, not {medium.get('method') or 'nothing'}"
        raise Refused(said, hint=f"give --method {reached}, or another technique")
    if missing := [name for name in ("operator", "verification", "sanitised_on") if not medium.get(name)]:
        raise Refused(f"a wiped medium needs {', '.join(missing)}", hint="say who did it, when, and how it was checked")


def unsanitised(data_class: str, media: Iterable[Fields], none_inside: bool) -> str:
    """Why an asset may not leave yet, or an empty text. What holds no data of ours may always leave."""
    data_class = data_class or "internal"  # nobody said: as if it held the usual
    if data_class == "public" or none_inside:
        return ""
    found = list(media)
    if not found:
        return "no medium is recorded; if there is none inside, write media: none"
    least = LEAST[data_class]
    for medium in found:
        name = f"{medium.get('kind')} {medium.get('serial', '')}".strip()
        if not medium.get("method"):
            return f"its {name} is not sanitised"
        if METHODS.index(medium["method"]) < METHODS.index(least):
            return f"its {name} was only {DONE[medium['method']]}; {data_class} data needs {least}"
        if CLASSES.index(data_class) >= 2 and medium.get("verifier") in ("", None, medium.get("operator")):
            return f"its {name} was verified by nobody but its operator"
    return ""
