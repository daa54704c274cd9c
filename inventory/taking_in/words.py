"""Words of others for the register's own: states, kinds, conditions, classes of data, yes and no."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache

from inventory.taking_in.headers import WRITTEN_OUT, plain

STATES: Mapping[str, tuple[str, ...]] = {
    "planned": ("requested", "wanted", "reserved", "geplant", "vorgesehen", "reserviert"),
    "ordered": ("on order", "bestellt", "in bestellung"),
    "received": ("pending", "new", "in staging", "staging", "delivered", "eingegangen", "geliefert", "eingetroffen"),
    "in_stock": (
        *("ready to deploy", "deployable", "available", "in storage", "spare", "stock", "unassigned", "not in use"),
        *("lager", "auf lager", "im lager", "am lager", "lagernd", "eingelagert", "verfügbar", "frei", "reserve"),
        *("ersatz", "ersatzgerät", "nicht vergeben", "nicht zugewiesen", "unbenutzt", "ungenutzt"),
    ),
    "deployed": (
        *("in use", "active", "assigned", "checked out", "issued", "in service", "in production", "production", "live"),
        *("used", "ready to deploy deployed", "in betrieb", "im betrieb", "betrieb", "im einsatz", "in einsatz"),
        *("einsatz", "im gebrauch", "in gebrauch", "in benutzung", "in nutzung", "in verwendung", "aktiv", "genutzt"),
        *("produktiv", "ausgegeben", "vergeben", "zugewiesen", "verteilt", "zugeteilt"),
    ),
    "on_loan": ("loaned", "loan", "lent", "verliehen", "ausgeliehen", "verleihen", "leihgabe", "leihgerät", "leihe"),
    "in_repair": (
        *("out for repair", "out for diagnostics", "repair", "being repaired", "rma", "broken", "defect", "defective"),
        *("faulty", "in reparatur", "zur reparatur", "reparatur", "in wartung", "beim service", "defekt", "kaputt"),
    ),
    "missing": ("not found", "vermisst", "fehlt", "nicht auffindbar", "nicht gefunden", "unauffindbar", "verschwunden"),
    "lost": ("lost stolen", "verloren", "abhanden gekommen", "verlust"),
    "stolen": ("theft", "gestohlen", "entwendet", "diebstahl"),
    "quarantined": ("quarantine", "quarantäne"),
    "retired": (
        *("archived", "undeployable", "broken not fixable", "end of life", "out of use", "out of service", "inactive"),
        *("non active", "old", "decommissioned", "ausgemustert", "ausgesondert", "außer betrieb", "außer dienst"),
        *("stillgelegt", "inaktiv", "nicht mehr im einsatz", "nicht mehr in betrieb", "alt", "altgerät"),
    ),
    "sanitised": ("sanitized", "wiped", "gelöscht", "datenträger gelöscht"),
    "disposed": (
        *("scrapped", "sold", "donated", "recycled", "disposed of", "destroyed", "returned to lessor", "verschrottet"),
        *("schrott", "entsorgt", "verkauft", "verschenkt", "gespendet", "vernichtet", "recycelt", "leasingrückgabe"),
    ),
}
# What a word of others can say besides: "in use" is said of what is lent too. It never undoes what is known better.
ALSO: Mapping[str, tuple[str, ...]] = {
    "deployed": ("on_loan",),
    "missing": ("lost", "stolen"),
    "lost": ("missing", "stolen"),
    "retired": ("sanitised", "disposed"),
}
KINDS: Mapping[str, tuple[str, ...]] = {
    "laptop": (
        *("laptops", "notebook", "notebooks", "ultrabook", "macbook", "macbook air", "macbook pro", "chromebook"),
        *("chromebooks", "convertible", "netbook", "klapprechner"),
    ),
    "desktop": (
        *("desktops", "pc", "pcs", "desktop pc", "desktop computer", "workstation", "computer", "computers", "tower"),
        *("all in one", "all in one pc", "mini pc", "thin client", "imac", "mac mini", "rechner", "arbeitsplatz pc"),
        *("arbeitsplatzrechner", "standrechner"),
    ),
    "server": ("servers", "rack server", "nas", "esxi server", "storage"),
    "vm": ("virtual machine", "virtual server", "vms", "vmware guest", "hyper v guest", "virtuelle maschine"),
    "switch": ("switches", "network switch", "netzwerkswitch", "netzwerk switch"),
    "router": ("routers", "fritzbox", "wlan router"),
    "access-point": ("access points", "accesspoint", "wifi access point", "wlan access point", "wlan ap", "ap", "wap"),
    "firewall": ("firewalls", "utm"),
    "printer": (
        *("printers", "mfp", "multifunction printer", "drucker", "multifunktionsgerät", "multifunktionsdrucker"),
        *("kopierer", "copier", "plotter", "laserdrucker", "tintenstrahldrucker", "labeldrucker"),
    ),
    "phone": (
        *("phones", "smartphone", "smartphones", "mobile phone", "mobile phones", "mobile", "ip phone", "voip phone"),
        *("desk phone", "iphone", "handy", "diensthandy", "mobiltelefon", "telefon", "telefone", "tischtelefon"),
    ),
    "tablet": ("tablets", "tablet pc", "ipad", "ipads", "ipad pro"),
    "monitor": ("monitors", "monitore", "display", "displays", "screen", "bildschirm", "bildschirme"),
    "dock": ("docks", "docking station", "docking stations", "dockingstation", "dockingstations"),
    "other": (
        *("others", "misc", "miscellaneous", "accessory", "accessories", "peripheral", "sonstige", "sonstiges"),
        *("andere", "anderes", "zubehör", "projector", "projectors", "beamer", "projektor", "camera", "cameras"),
        *("kamera", "webcam", "digitalkamera", "dokumentenkamera", "document camera", "visualizer", "visualiser"),
        *("ip camera", "television", "tv", "fernseher", "smart tv", "scanner", "scanners", "ups", "usv", "smartboard"),
        *("interactive whiteboard", "interaktive tafel", "digitale tafel", "whiteboard", "kvm", "kvm switch"),
        *("headset", "headsets", "keyboard", "tastatur", "mouse", "maus", "speaker", "lautsprecher", "microphone"),
        *("mikrofon", "usb stick", "external drive", "externe festplatte", "media player", "apple tv", "modem", "pdu"),
        *("rack", "patch panel", "patchpanel", "usb hub", "raspberry pi", "3d printer", "3d drucker", "ladewagen"),
        *("charging cart", "cash register", "kasse", "taschenrechner", "network device", "windows", "linux"),
    ),
}
VAGUE = frozenset(
    map(plain, ("other", "others", "misc", "miscellaneous", "sonstige", "sonstiges", "andere", "anderes"))
)
# Words that say more than the kind they are read as; such a word is kept in the notes.
NARROW = frozenset(map(plain, ("chromebook", "chromebooks", "thin client", "nas", "plotter", "scanner", "storage")))
# What a name of several words, or of several in one as German has them, ends in says what the thing is.
HEADS = {
    **dict.fromkeys(("notebook", "laptop", "ultrabook", "chromebook"), "laptop"),
    **dict.fromkeys(("drucker", "printer"), "printer"),
    **dict.fromkeys(("monitor", "bildschirm"), "monitor"),
    **dict.fromkeys(("server",), "server"),
    **dict.fromkeys(("smartphone", "telefon", "handy"), "phone"),
    **dict.fromkeys(("tablet",), "tablet"),
    **dict.fromkeys(("beamer", "projektor", "projector", "kamera", "camera", "scanner"), "other"),
}
NOTHING = frozenset(("", "n a", "na", "unknown", "unbekannt", "not known", "k a", "keine angabe", "not specified"))
CONDITIONS: Mapping[str, tuple[str, ...]] = {
    "new": ("mint", "unused", "like new", "neu", "neuwertig", "wie neu", "unbenutzt"),
    "good": ("fine", "ok", "okay", "very good", "used", "gut", "sehr gut", "gebraucht", "in ordnung", "i o"),
    "worn": ("fair", "poor", "damaged", "abgenutzt", "beschädigt", "mäßig", "stark gebraucht"),
    "broken": ("defective", "defect", "faulty", "not working", "defekt", "kaputt", "n i o"),
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
METRICS: Mapping[str, tuple[str, ...]] = {
    "device": ("devices", "per device", "computer", "pc", "gerät", "geräte", "pro gerät", "je gerät", "gerätelizenz"),
    "named-user": (
        *("user", "users", "per user", "named user", "seat", "seats", "per seat", "subscription user", "nutzer"),
        *("benutzer", "anwender", "pro nutzer", "pro benutzer", "je nutzer", "je benutzer", "benutzerlizenz"),
        *("nutzerlizenz", "named user lizenz", "person", "personen"),
    ),
    "concurrent": ("concurrent user", "concurrent users", "floating", "floating user", "gleichzeitig", "gleichzeitige"),
    "instance": ("instances", "installation", "installations", "instanz", "instanzen", "installationen"),
    "site": ("site licence", "site license", "standortlizenz", "schullizenz", "campus licence", "campuslizenz"),
    "enterprise": ("company", "company wide", "unlimited", "unternehmenslizenz", "unternehmen", "firmenlizenz"),
    "core": ("cores", "per core", "core pack", "kern", "kerne", "pro kern", "je kern"),
    "cal": ("cals", "client access licence", "client access license", "user cal", "device cal", "zugriffslizenz"),
}
DOWNGRADES: Mapping[str, tuple[str, ...]] = {
    "none": ("no", "nein", "keine", "kein"),
    "n-1": ("previous release", "one release back", "vorversion"),
    "any": ("yes", "all", "ja", "alle"),
}
OF_FIELD = {
    **{"state": STATES, "kind": KINDS, "condition": CONDITIONS, "data_class": DATA_CLASSES},
    **{"criticality": CRITICALITIES, "approved": YES_OR_NO, "backup_required": YES_OR_NO, "holder_kind": HOLDERS},
    **{"metric": METRICS, "downgrade": DOWNGRADES, "auto_renew": YES_OR_NO, "second_use": YES_OR_NO},
}
OTHER_NAME = {"state": "condition", "condition": "state"}  # lists have one column for both


def _ways(text: str) -> tuple[str, str]:
    """With umlauts, and with ae, oe, ue."""
    return text, text.translate(WRITTEN_OUT)


_OWN = {
    field: {
        plain(spelled): own for own, others in words.items() for other in (own, *others) for spelled in _ways(other)
    }
    for field, words in OF_FIELD.items()
}


@lru_cache(1 << 12)
def own_word(field: str, text: str) -> str:
    """The register's word for a text in one of the fields above, empty text if there is none."""
    found = _OWN[field].get(plain(text), "")
    return _by_its_head(plain(text)) if field == "kind" and not found else found


def _by_its_head(text: str) -> str:
    """What a laser printer is, and a Laserdrucker: the end of a name says it."""
    last = text.rpartition(" ")[2]
    known = _OWN["kind"].get(last, "") if last != text and last in HEADS else ""
    return known or next((kind for head, kind in HEADS.items() if last.endswith(head)), "")


def says_more(field: str, text: str) -> bool:
    """Whether a text says more than the register's word for it, and has to be kept beside it."""
    word = own_word(field, text)
    if field != "kind" or not word or plain(text) in VAGUE:
        return False
    return word == "other" or plain(text) in NARROW or plain(text) not in _OWN["kind"]


def may_mean(text: str) -> tuple[str, ...]:
    """The states that a word of others can stand for; only its own where it is the register's own word."""
    word = own_word("state", text)
    return (word, *(() if text == word else ALSO.get(word, ()))) if word else ()


def says_nothing(text: str) -> bool:
    """Whether a text is what people write where they know nothing."""
    return plain(text) in NOTHING


def near_word(field: str, text: str) -> str:
    """The register's word that a text is nearly, empty text if it is near none."""
    near = get_close_matches(plain(text), _OWN[field], 1, 0.75)
    return _OWN[field][near[0]] if near else ""
