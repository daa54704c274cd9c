"""Columns of others under the register's own names: exports of other registers, two languages, a mapping file."""

from __future__ import annotations

from pathlib import Path

import pytest

from inventory.taking_in.headers import FIELDS, HELPING, KNOWN_AS, SECOND_CHOICE, SECRET, plain
from inventory.taking_in.mapping import Wishes, currency_in, mapped, wishes_from
from ops.errors import InvalidRequest

SNIPE_IT = (
    *("Company", "Asset Name", "Asset Tag", "Model", "Model No.", "Category", "Manufacturer", "Serial"),
    *("Purchased", "Cost", "EOL Date", "Order Number", "Supplier", "Location", "Default Location", "Status"),
    *("Warranty", "Checkout Date", "Expected Checkin Date", "Checked Out", "Username", "Department", "Notes"),
)


def refused(*columns: str, wishes: Wishes | None = None) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        mapped(columns, wishes)
    assert "\n" not in str(caught.value)
    assert caught.value.hint
    return caught.value


def wishes(folder: Path, text: str) -> Wishes:
    path = folder / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    return wishes_from(path)


def mistaken(folder: Path, text: str) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        wishes(folder, text)
    assert caught.value.hint
    return caught.value


def test_our_own_export_maps_to_itself() -> None:
    found = mapped(FIELDS)
    assert dict(found.fields) == {name: name for name in FIELDS}
    assert found.unknown == ()


def test_our_headers_as_titles_map_too() -> None:
    titles = tuple(name.replace("_", " ").capitalize() for name in FIELDS)
    assert list(mapped(titles).fields.values()) == list(FIELDS)


def test_no_name_stands_for_two_fields() -> None:
    names = [plain(name) for names in (KNOWN_AS, SECOND_CHOICE) for others in names.values() for name in others]
    names += [plain(name) for name in SECRET]
    own = [plain(name) for name in (*FIELDS, *HELPING)]
    assert sorted({*names, *own}) == sorted(names + own)
    assert set(KNOWN_AS) | set(SECOND_CHOICE) <= {*FIELDS, *HELPING}


def test_the_export_of_snipe_it_maps() -> None:
    found = mapped(SNIPE_IT)
    assert {column: name for column, name in found.fields.items() if not name.startswith("extra.")} == {
        **{"Asset Name": "hostname", "Asset Tag": "tag", "Model": "model", "Category": "kind", "Manufacturer": "maker"},
        **{"Serial": "serial", "Purchased": "purchased", "Cost": "cost", "EOL Date": "eol_on", "Supplier": "supplier"},
        **{"Location": "location", "Status": "state", "Warranty": "warranty", "Checkout Date": "held_since"},
        **{"Expected Checkin Date": "due", "Username": "holder", "Department": "department", "Notes": "notes"},
        **{"Order Number": "invoice", "Checked Out": "holder_else.checked_out"},
    }
    assert (found.unknown, found.logon) == (("Company",), True)
    assert found.said == (
        "Model is taken as model; Model No. is kept as extra",
        "Order Number is taken as invoice, as nothing else says it",
        "Location is taken as location; Default Location is kept as extra",
        "Username is taken as holder; Checked Out counts where it is empty, and else is extra",
    )


LISTS = {
    "GLPI": (
        *("Name", "Entity", "Status", "Manufacturer", "Serial number", "Inventory number", "Type", "Model"),
        *("Operating System - Name", "Locations", "Last update", "Alternate username", "Comments"),
    ),
    "Lansweeper": (
        *("AssetName", "AssetType", "Username", "FQDN", "IPAddress", "Mac", "Manufacturer", "Model", "Serialnumber"),
        *("State", "Barcode", "Purchase date", "Warranty date", "Order number", "Building", "Department", "OS"),
    ),
    "Intune": (
        *("Device name", "Device ID", "OS version", "Primary user UPN", "Primary user display name", "Serial number"),
        *("Manufacturer", "Model", "Wi-Fi MAC", "Ethernet MAC", "Category", "Compliance"),
    ),
    "a school": (
        *("Inventar-Nr.", "Gerätetyp", "Fabrikat", "Modell", "Seriennr.", "Gebäude", "Zimmer", "Nutzer", "Zustand"),
        *("Anschaffungspreis (EUR)", "Beschafft am", "Garantie bis", "MAC WLAN", "MAC LAN", "Bemerkung", "Lfd. Nr."),
    ),
}


@pytest.mark.parametrize(
    ("source", "unknown"),
    [
        ("GLPI", ("Entity", "Operating System - Name", "Last update")),
        ("Lansweeper", ("OS",)),
        ("Intune", ("Device ID", "OS version", "Compliance")),
        ("a school", ("Lfd. Nr.",)),
    ],
)
def test_lists_of_other_registers_and_of_schools_are_known(source: str, unknown: tuple[str, ...]) -> None:
    found = mapped(LISTS[source])
    assert found.unknown == unknown
    needed = {"kind", "maker", "model", "serial", "holder"} | ({"state"} if source in ("GLPI", "Lansweeper") else set())
    assert needed <= set(found.fields.values())
    macs = [column for column, name in found.fields.items() if name == "macs"]
    assert len(macs) == {"GLPI": 0, "Lansweeper": 1}.get(source, 2)


@pytest.mark.parametrize("column", ["Geraetetyp", "GERÄTETYP", "Gerätetyp", "Typ", "Type"])
def test_umlauts_may_be_written_out(column: str) -> None:
    assert mapped((column,)).column("kind") == column


def test_of_two_columns_for_one_field_the_better_named_is_taken_and_that_is_said() -> None:
    for columns in (("Tag", "Serial", "Service Tag"), ("Tag", "Service Tag", "Serial")):
        found = mapped(columns)
        assert (found.column("serial"), found.fields["Service Tag"]) == ("Serial", "extra.service_tag")
        assert found.said == ("Serial is taken as serial; Service Tag is kept as extra",)
    for columns in (("Checkout To", "Username"), ("Username", "Checkout To")):
        found = mapped(columns)
        assert (found.column("holder"), found.fields["Checkout To"]) == ("Username", "holder_else.checkout_to")


def test_a_mapping_file_chooses_between_two_columns() -> None:
    found = mapped(("Tag", "Username", "Mitarbeiter"), Wishes({"Mitarbeiter": "holder"}))
    assert (found.column("holder"), found.logon) == ("Mitarbeiter", False)
    error = refused("Tag", "A", "B", wishes=Wishes({"A": "serial", "B": "serial"}))
    assert str(error) == "the file: A and B would both be serial"


def test_a_name_beside_the_host_name_goes_to_the_notes() -> None:
    found = mapped(("Tag", "Rechnername", "Bezeichnung"))
    assert (found.fields["Rechnername"], found.fields["Bezeichnung"]) == ("hostname", "notes")
    assert mapped(("Tag", "Bezeichnung")).fields["Bezeichnung"] == "hostname"


@pytest.mark.parametrize("column", ["Product Key", "Lizenzschlüssel", "Lizenzschluessel", "Passwort"])
def test_keys_and_passwords_never_come_in(column: str) -> None:
    found = mapped(("Tag", column))
    assert column not in found.fields
    assert found.said == (f"{column}: keys and passwords are not kept; the column is left out",)


@pytest.mark.parametrize(
    ("columns", "currency"),
    [
        *((("Preis (EUR)",), "EUR"), (("Kosten in €", "Restwert (€)"), "EUR"), (("Price [USD]",), "USD")),
        *((("Preis",), ""), (("Preis (EUR)", "Restwert (CHF)"), ""), (("EUR",), "")),
    ],
)
def test_a_header_can_say_the_currency(columns: tuple[str, ...], currency: str) -> None:
    assert currency_in(columns) == currency
    assert mapped(("Tag", "Preis (EUR)", "Kosten in €")[:2]).column("cost") == "Preis (EUR)"


def test_a_weaker_name_counts_where_no_better_one_is_there() -> None:
    found = mapped(("Asset Tag", "Checked Out To", "Default Location"))
    assert (found.column("holder"), found.column("location")) == ("Checked Out To", "Default Location")


@pytest.mark.parametrize(
    ("column", "field"),
    [
        *(("Inventarnummer", "tag"), ("Seriennr.", "serial"), ("HERSTELLER", "maker"), ("Währung", "currency")),
        *(("Garantie bis", "warranty_until"), ("Gerätename", "hostname"), ("MAC-Adresse", "macs")),
        *(("asset_tag", "tag"), ("S/N", "serial"), ("  Serial   Number ", "serial"), ("IP-Address", "address")),
    ],
)
def test_names_in_two_languages_map_whatever_their_case_and_punctuation(column: str, field: str) -> None:
    assert mapped((column,)).fields == {column: field}


def test_an_unknown_column_is_listed_and_kept() -> None:
    found = mapped(("Tag", "Farbe (außen)"))
    assert (found.unknown, found.fields["Farbe (außen)"]) == (("Farbe (außen)",), "extra.farbe_aussen")


def test_an_unknown_column_is_refused_with_a_suggestion_where_that_is_wished() -> None:
    error = refused("Tag", "Serail Number", wishes=Wishes(unknown="refuse"))
    assert (str(error), error.hint) == ("the file: the column 'Serail Number' is not known", "did you mean serial?")
    assert refused("Tag", "Qqq", wishes=Wishes(unknown="refuse")).hint == "a mapping file can say: Qqq: skip"


@pytest.mark.parametrize(
    "columns", [("Tag", "Serial Number", "serial-number"), ("Tag", "Location", "Location (2)"), ("Tag", "A-b", "A b")]
)
def test_two_columns_of_one_name_are_refused_and_one_of_them_can_be_skipped(columns: tuple[str, ...]) -> None:
    error = refused(*columns)
    assert f"{columns[1]} and {columns[2]} would both be" in str(error)
    assert columns[2] not in mapped(columns, Wishes({columns[2]: "skip"})).fields


def test_a_table_of_something_else_is_refused() -> None:
    assert str(refused("Colour", "Shape")) == "the file: no column is known"


def test_a_mapping_file_names_columns_words_and_how_things_are_written(tmp_path: Path) -> None:
    found = wishes(
        tmp_path,
        "columns: {Inv.-Nr: tag, Farbe: extra.colour, Lfd. Nr.: skip}\n"
        "values: {state: {Im Regal: in_stock}}\ndates: dmy\ndecimals: comma\ncurrency: EUR\nunknown: refuse\n",
    )
    assert found == Wishes(
        {"Inv.-Nr": "tag", "Farbe": "extra.colour", "Lfd. Nr.": "skip"},
        {"state": {"Im Regal": "in_stock"}},
        *("dmy", "comma", "EUR", "refuse"),
    )
    assert mapped(("Inv.-Nr", "farbe", "Lfd. Nr."), found).fields == {"Inv.-Nr": "tag", "farbe": "extra.colour"}


def test_what_a_mapping_file_says_is_stronger_than_what_is_known() -> None:
    assert mapped(("Serial", "Model"), Wishes({"Serial": "tag"})).fields == {"Serial": "tag", "Model": "model"}


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        ("columns: {A: serail}", "mapping.yaml line 1 column 11: serail is no field", "did you mean serial?"),
        ("columns: {A: extra.}", "mapping.yaml line 1 column 11: extra. is no field", ""),
        ("values: {stat: {a: b}}", "mapping.yaml line 1 column 10: stat is no field", "did you mean state?"),
        ("colums: {A: tag}", "mapping.yaml line 1", "columns"),
        ("dates: american", "mapping.yaml line 1", ""),
        ("columns: {A: tag, A: serial}", "A is given twice", "keep one"),
    ],
)
def test_a_mistake_in_a_mapping_file_has_its_place_and_the_next_step(
    tmp_path: Path, text: str, said: str, hint: str
) -> None:
    error = mistaken(tmp_path, text)
    assert said in str(error)
    assert hint in error.hint


def test_a_mapping_for_a_column_that_is_not_there_is_refused() -> None:
    error = refused("Tag", "Model", wishes=Wishes({"Modell": "model"}))
    assert (str(error), error.hint) == (
        "the file has no column 'Modell', which the mapping names",
        "did you mean Model?",
    )


def test_a_mapping_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="cannot be read"):
        wishes_from(tmp_path / "absent.yaml")
