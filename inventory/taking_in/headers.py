"""What columns are called elsewhere: names of asset fields in English, German and the exports of other registers.

Snipe-IT's names are those of its custom asset report and its importer's defaults; GLPI's, Lansweeper's and Intune's
those of their lists of devices. German names are known with umlauts and with ae, oe, ue.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

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
HELPING = ("warranty", "warranty_months", "warranty_years", "life", "life_years", "holder_kind")

# Best name first: of two columns for one field the better named one is taken.
KNOWN_AS: Mapping[str, tuple[str, ...]] = {
    "tag": (
        *("asset tag", "inventory number", "inventarnummer", "inventarnr", "inventar nr", "inv nr", "inv nummer"),
        *("asset number", "asset no", "asset id", "anlagennummer", "anlagennr", "anlagen nr", "gerätenummer"),
        *("gerätenr", "geräte nr", "geräte id", "barcode", "etikett"),
    ),
    "kind": (
        *("category", "asset type", "assettype", "device type", "item type", "hardware type", "device category"),
        *("kategorie", "gerätekategorie", "geräteart", "art des geräts", "gerätetyp", "geräteklasse", "objektart"),
        *("produktgruppe", "warengruppe", "art", "gerät"),
    ),
    "maker": (
        *("manufacturer", "manufacturer name", "manufacturers", "brand", "vendor", "make", "oem", "hersteller"),
        *("herstellername", "marke", "fabrikat"),
    ),
    "model": (
        *("model name", "asset model", "device model", "modell", "modellname", "modellbezeichnung", "gerätemodell"),
        *("typbezeichnung", "typenbezeichnung", "product name", "produktname"),
    ),
    "serial": (
        *("serial number", "serialnumber", "serial no", "serial nr", "s n", "sn", "seriennummer", "seriennr"),
        *("serien nr", "serien nummer", "fabriknummer", "bios serial number", "system serial number", "service tag"),
    ),
    "uuid": ("smbios uuid", "system uuid", "bios uuid"),
    "macs": (
        *("mac", "mac address", "macaddress", "mac addresses", "ethernet mac", "ethernet mac address", "lan mac"),
        *("mac lan", "wi fi mac", "wi fi mac address", "wifi mac", "wlan mac", "mac wlan", "wireless mac"),
        *("mac adresse", "mac adressen", "mac adresse lan", "mac adresse wlan", "physical address"),
    ),
    "hostname": (
        *("host name", "computer name", "device name", "assetname", "pc name", "netbios name", "dns hostname"),
        *("computername", "rechnername", "gerätename", "netzwerkname", "host"),
    ),
    "fqdn": ("dns name", "full name", "fully qualified domain name"),
    "state": (
        *("status", "asset status", "asset state", "status label", "inventory status", "lifecycle status"),
        *("zustand im bestand", "bestandsstatus", "gerätestatus", "nutzungsstatus", "einsatzstatus"),
    ),
    "condition": ("physical condition", "zustand", "gerätezustand"),
    "site": ("branch", "branch office", "branchoffice", "site name", "campus", "office", "standort", "niederlassung"),
    "location": (
        *("locations", "room", "room number", "room no", "raum", "raumnummer", "raumnr", "raum nr", "zimmer", "ort"),
        *("einsatzort", "aufstellort", "aufstellungsort", "lagerort", "lagerplatz", "arbeitsplatz"),
    ),
    "department": (
        *("dept", "org unit", "business unit", "abteilung", "fachbereich", "organisationseinheit", "bereich"),
    ),
    "owner": (
        *("asset owner", "responsible", "responsible person", "verantwortlich", "verantwortlicher", "zuständig"),
        *("eigentümer",),
    ),
    "criticality": ("tier", "priority class", "kritikalität"),
    "data_class": ("data classification", "classification", "datenklasse", "schutzklasse", "vertraulichkeit"),
    "address": (
        *("ip", "ip address", "ipaddress", "static ip", "ipv4", "ipv4 address", "ip adresse", "ipv4 adresse"),
        *("feste ip",),
    ),
    "approved": ("approved to connect", "approved to connect to network", "freigegeben", "zugelassen"),
    "backup_required": ("backup", "needs backup", "sicherung nötig", "backup nötig"),
    "ordered": ("order date", "ordered on", "bestelldatum", "bestellt am"),
    "received": ("received on", "delivery date", "lieferdatum", "geliefert am", "wareneingang"),
    "purchased": (
        *("purchase date", "purchased on", "date of purchase", "bought on", "bought", "kaufdatum", "gekauft am"),
        *("gekauft", "anschaffungsdatum", "datum der anschaffung", "angeschafft am", "angeschafft", "anschaffung"),
        *("beschaffungsdatum", "beschafft am"),
    ),
    "supplier": (
        *("supplier name", "reseller", "dealer", "purchased from", "lieferant", "händler", "verkäufer", "gekauft bei"),
        *("bezugsquelle",),
    ),
    "invoice": (
        *("invoice number", "invoice no", "rechnung", "rechnungsnummer", "rechnungsnr", "rechnungs nr"),
        *("belegnummer", "belegnr", "beleg"),
    ),
    "cost": (
        *("purchase cost", "purchase price", "purchase value", "price", "unit cost", "cost price", "preis"),
        *("kaufpreis", "anschaffungspreis", "anschaffungskosten", "anschaffungswert", "einkaufspreis", "einzelpreis"),
        *("neupreis", "kosten"),
    ),
    "currency": ("currency code", "währung"),
    "warranty_until": (
        *("warranty expires", "warranty end", "warranty end date", "warranty expiration", "warranty expiration date"),
        *("warranty expiry", "warranty expiry date", "warranty date", "garantie bis", "garantieende", "garantie ende"),
        *("ende der garantie", "garantieablauf", "gewährleistung bis"),
    ),
    "warranty_months": ("garantie monate", "garantiemonate", "garantie in monaten"),
    "warranty_years": ("garantie jahre", "garantiejahre", "garantie in jahren"),
    "warranty": ("warranty period", "warranty length", "garantie", "garantiezeit", "garantiedauer", "gewährleistung"),
    "eol_on": ("eol date", "eol", "end of life", "end of life date", "end of support", "lebensende"),
    "life_months": ("depreciation months", "useful life months", "nutzungsdauer monate", "nutzungsdauer in monaten"),
    "life_years": ("useful life years", "nutzungsdauer jahre", "nutzungsdauer in jahren", "afa jahre"),
    "life": ("useful life", "nutzungsdauer"),
    "salvage": ("salvage value", "residual value", "restwert"),
    "parent": ("parent asset", "part of", "gehört zu"),
    "notes": (
        *("note", "comment", "comments", "remark", "remarks", "description", "notiz", "notizen", "bemerkung"),
        *("bemerkungen", "anmerkung", "anmerkungen", "kommentar", "hinweis", "hinweise", "beschreibung"),
    ),
    "holder": (
        *("username", "user name", "logon name", "login name", "login", "benutzername", "anmeldename"),
        *("benutzerkennung", "anmeldung", "user principal name", "upn", "primary user upn"),
    ),
    "holder_kind": ("checkout type", "checked out type"),
    "held_since": (
        *("checkout date", "checked out on", "last checkout", "assigned on", "assigned date", "ausgegeben am"),
        *("ausgabedatum", "übergeben am", "übergabedatum", "zugewiesen am"),
    ),
    "due": ("expected checkin", "expected checkin date", "due date", "rückgabe bis", "rückgabedatum", "zurück bis"),
    "accepted": ("acceptance date", "accepted on", "bestätigt am"),
    "repair_with": ("repair company", "in reparatur bei", "reparatur bei"),
}
# Taken where nothing better is in the file: a person's full name where there is no logon name, the place where a
# thing belongs where nobody says where it is.
SECOND_CHOICE: Mapping[str, tuple[str, ...]] = {
    "kind": ("type", "typ", "class"),
    "model": ("model no", "model number", "modellnummer", "modellnr", "produkt", "product"),
    "holder": (
        *("checkout to", "checked out to", "checked out", "assigned to", "assigned user", "used by", "user"),
        *("primary user email address", "primary user display name", "primary user", "alternate username", "nutzer"),
        *("nutzername", "benutzer", "hauptnutzer", "anwender", "mitarbeiter", "mitarbeiterin", "employee", "lehrkraft"),
        *("lehrer", "teacher", "schüler", "student", "ausgegeben an", "zugewiesen an", "verliehen an", "inhaber"),
        *("besitzer", "alternativer benutzername"),
    ),
    "location": ("default location", "rtd location", "place"),
    "site": ("building", "gebäude", "schule", "filiale", "ip location"),
    "hostname": ("asset name", "item name", "name", "bezeichnung", "rechner", "computer"),
    "invoice": ("order number", "order no", "po number", "purchase order", "bestellnummer", "auftragsnummer"),
    "purchased": ("invoice date", "rechnungsdatum", "zugangsdatum"),
    "cost": ("preis brutto", "bruttopreis", "preis netto", "nettopreis"),
    "department": ("cost center", "cost centre", "kostenstelle"),
}
# What opens something is no business of a register: such a column is left out, whatever else is kept.
SECRET = (
    *("product key", "license key", "licence key", "activation key", "windows key", "cd key", "lizenzschlüssel"),
    *("produktschlüssel", "aktivierungsschlüssel", "password", "passwort", "kennwort", "pin", "bitlocker key"),
    *("recovery key", "wiederherstellungsschlüssel"),
)
WEAKER = 1000  # the rank of the first second choice
WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


def plain(name: str) -> str:
    """A column's name without what does not matter: case, punctuation, blanks."""
    return OTHER.sub(" ", name.casefold()).strip()


@dataclass(frozen=True)
class Names:
    """What the columns of one kind of table are called; the first name of a field is the best."""

    fields: tuple[str, ...]
    helping: tuple[str, ...]
    known_as: Mapping[str, tuple[str, ...]]
    second_choice: Mapping[str, tuple[str, ...]]
    secret: tuple[str, ...] = SECRET

    @cached_property
    def all(self) -> tuple[str, ...]:
        """Fields, and what only helps to fill them."""
        return (*self.fields, *self.helping)

    @cached_property
    def ranked(self) -> Mapping[str, tuple[str, int]]:
        """Plain name → its field and its rank, 0 for the field's own name, from ``WEAKER`` on for second choices."""
        found = {plain(name): (name, 0) for name in self.all}
        for start, names in ((1, self.known_as), (WEAKER, self.second_choice)):
            for name, others in names.items():
                for rank, other in enumerate(others, start):
                    found[plain(other)] = found[plain(other.translate(WRITTEN_OUT))] = (name, rank)
        return found

    @cached_property
    def hidden(self) -> frozenset[str]:
        """Plain names of columns whose cells are nobody's business."""
        return frozenset(plain(text) for name in self.secret for text in (name, name.translate(WRITTEN_OUT)))


ASSETS = Names(FIELDS, HELPING, KNOWN_AS, SECOND_CHOICE)
