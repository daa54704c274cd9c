"""Words of others for the register's own: states, kinds, conditions, classes of data, yes and no."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache

from inventory.taking_in.headers import plain

STATES: Mapping[str, tuple[str, ...]] = {
    "planned": ("requested", "wanted", "geplant"),
    "ordered": ("on order", "bestellt"),
    "received": ("pending", "new", "in staging", "staging", "eingegangen", "geliefert"),
    "in_stock": ("ready to deploy", "deployable", "available", "in storage", "spare", "stock", "lager", "verfügbar"),
    "deployed": ("in use", "active", "assigned", "checked out", "ready to deploy deployed", "in betrieb", "ausgegeben"),
    "on_loan": ("loaned", "loan", "lent", "verliehen", "ausgeliehen"),
    "in_repair": (
        "out for repair",
        "out for diagnostics",
        "repair",
        "rma",
        "broken",
        "defect",
        "in reparatur",
        "defekt",
    ),
    "missing": ("not found", "vermisst"),
    "lost": ("lost stolen", "verloren"),
    "stolen": ("theft", "gestohlen"),
    "quarantined": ("quarantine", "quarantäne"),
    "retired": ("archived", "undeployable", "broken not fixable", "end of life", "out of use", "ausgemustert"),
    "sanitised": ("sanitized", "wiped", "gelöscht"),
    "disposed": ("scrapped", "sold", "donated", "recycled", "verschrottet", "entsorgt", "verkauft"),
}
KINDS: Mapping[str, tuple[str, ...]] = {
    "laptop": ("laptops", "notebook", "notebooks", "ultrabook", "macbook"),
    "desktop": ("desktops", "pc", "workstation", "computer", "tower", "all in one", "thin client"),
    "server": ("servers", "rack server"),
    "vm": ("virtual machine", "virtual server", "virtuelle maschine"),
    "switch": ("switches", "network switch"),
    "router": ("routers",),
    "access-point": ("access points", "wifi access point", "wlan ap", "ap", "wap"),
    "firewall": ("firewalls", "utm"),
    "printer": ("printers", "mfp", "multifunction printer", "drucker"),
    "phone": ("phones", "smartphone", "mobile phone", "mobile phones", "ip phone", "voip phone", "handy", "telefon"),
    "tablet": ("tablets", "ipad"),
    "monitor": ("monitors", "display", "displays", "screen", "bildschirm"),
    "dock": ("docks", "docking station", "docking stations", "dockingstation"),
    "other": ("misc", "miscellaneous", "sonstiges", "andere"),
}
CONDITIONS: Mapping[str, tuple[str, ...]] = {
    "new": ("mint", "unused", "neu"),
    "good": ("fine", "ok", "used", "gut", "gebraucht"),
    "worn": ("fair", "poor", "damaged", "abgenutzt"),
    "broken": ("defective", "faulty", "defekt", "kaputt"),
}
DATA_CLASSES: Mapping[str, tuple[str, ...]] = {
    "public": ("öffentlich",),
    "internal": ("internal use", "intern"),
    "confidential": ("restricted", "vertraulich"),
    "secret": ("highly confidential", "strictly confidential", "geheim", "streng vertraulich"),
}
CRITICALITIES: Mapping[str, tuple[str, ...]] = {
    "1": ("critical", "tier 1", "kritisch"),
    "2": ("high", "tier 2", "hoch"),
    "3": ("medium", "normal", "tier 3", "mittel"),
    "4": ("low", "tier 4", "niedrig"),
}
YES_OR_NO: Mapping[str, tuple[str, ...]] = {
    "yes": ("y", "true", "1", "x", "on", "ja", "j", "wahr"),
    "no": ("n", "false", "0", "off", "nein", "falsch"),
}
HOLDERS: Mapping[str, tuple[str, ...]] = {
    "person": ("user", "app models user", "benutzer"),
    "location": ("place", "app models location", "standort"),
    "asset": ("app models asset", "gerät"),
}
OF_FIELD = {
    **{"state": STATES, "kind": KINDS, "condition": CONDITIONS, "data_class": DATA_CLASSES},
    **{"criticality": CRITICALITIES, "approved": YES_OR_NO, "backup_required": YES_OR_NO, "holder_kind": HOLDERS},
}
_OWN = {
    field: {plain(other): own for own, others in words.items() for other in (own, *others)}
    for field, words in OF_FIELD.items()
}


@lru_cache(1 << 12)
def own_word(field: str, text: str) -> str:
    """The register's word for a text in one of the fields above, empty text if there is none."""
    return _OWN[field].get(plain(text), "")


def expected(field: str, text: str) -> str:
    """What could stand there: the nearest word if one is near, else all of them."""
    near = get_close_matches(plain(text), _OWN[field], 1, 0.75)
    return f"perhaps {_OWN[field][near[0]]}" if near else f"one of {', '.join(OF_FIELD[field])}"
