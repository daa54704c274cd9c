"""What columns are called elsewhere: names of asset fields in English, German and the exports of other registers.

Snipe-IT's names are those of its custom asset report and its importer's defaults; GLPI's those of its list export.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

OTHER = re.compile(r"[\W_]+")
FIELDS = (
    *("tag", "kind", "maker", "model", "serial", "uuid", "macs", "hostname", "fqdn", "state", "condition", "site"),
    *("location", "department", "owner", "criticality", "data_class", "address", "approved", "backup_required"),
    *("ordered", "received", "purchased", "supplier", "invoice", "cost", "currency", "warranty_until"),
    *("warranty_source", "eol_on", "life_months", "salvage", "parent", "notes"),
    *("holder", "held_since", "due", "terms", "accepted", "signature", "return_signature", "repair_with"),
    *("media", "extra", "disposal", "requested_by", "approved_by", "recycler", "certificate", "certificate_sha256"),
    *("disposed_on", "proceeds"),
)
# Read and turned into fields of the register, without being ones.
HELPING = ("warranty_months", "holder_kind")

KNOWN_AS: Mapping[str, tuple[str, ...]] = {
    "tag": ("asset tag", "asset id", "asset number", "inventory number", "inventarnummer", "inventarnr", "inv nr"),
    "kind": ("category", "asset type", "device type", "kategorie", "geräteart", "gerätetyp", "art"),
    "maker": ("manufacturer", "brand", "vendor", "make", "hersteller", "marke"),
    "model": ("model name", "asset model", "modell", "modellname", "modellbezeichnung"),
    "serial": ("serial number", "serial no", "s n", "sn", "service tag", "seriennummer", "seriennr", "serien nr"),
    "uuid": ("smbios uuid", "system uuid", "bios uuid"),
    "macs": ("mac", "mac address", "mac addresses", "ethernet mac", "mac adresse", "mac adressen"),
    "hostname": ("host name", "computer name", "computername", "device name", "rechnername", "gerätename"),
    "fqdn": ("dns name", "full name", "fully qualified domain name"),
    "state": ("status", "asset status", "status label", "zustand im bestand", "bestandsstatus"),
    "condition": ("zustand", "physical condition"),
    "site": ("branch", "office", "standort", "niederlassung"),
    "location": ("room", "raum", "ort", "lagerort", "lagerplatz"),
    "department": ("abteilung", "org unit", "business unit", "bereich"),
    "owner": ("asset owner", "responsible", "verantwortlich", "verantwortlicher", "eigentümer"),
    "criticality": ("tier", "priority class", "kritikalität"),
    "data_class": ("data classification", "classification", "datenklasse", "schutzklasse", "vertraulichkeit"),
    "address": ("ip", "ip address", "static ip", "ipv4 address", "ip adresse"),
    "approved": ("approved to connect", "approved to connect to network", "freigegeben", "zugelassen"),
    "backup_required": ("backup", "needs backup", "sicherung nötig", "backup nötig"),
    "ordered": ("order date", "ordered on", "bestelldatum", "bestellt am"),
    "received": ("received on", "delivery date", "lieferdatum", "wareneingang"),
    "purchased": ("purchase date", "purchased on", "bought on", "kaufdatum", "anschaffungsdatum", "gekauft am"),
    "supplier": ("reseller", "lieferant", "händler"),
    "invoice": ("invoice number", "invoice no", "rechnung", "rechnungsnummer", "rechnungsnr"),
    "cost": ("purchase cost", "purchase price", "price", "unit cost", "preis", "kaufpreis", "anschaffungskosten"),
    "currency": ("currency code", "währung"),
    "warranty_until": ("warranty expires", "warranty end", "warranty expiration", "garantie bis", "garantieende"),
    "warranty_months": ("warranty", "garantie", "garantiemonate", "garantie monate"),
    "eol_on": ("eol date", "eol", "end of life", "end of support", "lebensende"),
    "life_months": ("useful life", "depreciation months", "nutzungsdauer", "nutzungsdauer monate"),
    "salvage": ("salvage value", "residual value", "restwert"),
    "parent": ("parent asset", "part of", "gehört zu"),
    "notes": ("note", "comment", "comments", "remarks", "notizen", "bemerkung", "bemerkungen", "kommentar"),
    "holder": ("username", "user name", "checkout to", "benutzername", "anmeldename"),
    "holder_kind": ("checkout type", "checked out type"),
    "held_since": ("checkout date", "checked out on", "last checkout", "ausgegeben am", "ausgabedatum"),
    "due": ("expected checkin", "expected checkin date", "due date", "rückgabe bis", "rückgabedatum"),
    "accepted": ("acceptance date", "accepted on", "bestätigt am"),
}
# Taken where nothing better is in the file: Snipe-IT gives a person's full name beside the logon name, and a place
# where a thing belongs beside the place where it is.
SECOND_CHOICE: Mapping[str, tuple[str, ...]] = {
    "holder": ("checked out to", "checked out", "assigned to", "user", "benutzer", "mitarbeiter", "ausgegeben an"),
    "location": ("default location", "rtd location"),
    "hostname": ("asset name", "item name", "name", "bezeichnung"),
}


def plain(name: str) -> str:
    """A column's name without what does not matter: case, punctuation, blanks."""
    return OTHER.sub(" ", name.casefold()).strip()


def _by_name(names: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    return {plain(name): field for field, others in names.items() for name in others}


SYNONYMS = {plain(field): field for field in (*FIELDS, *HELPING)} | _by_name(KNOWN_AS)
SECOND = _by_name(SECOND_CHOICE)
