"""Lists of licences: two languages, prices of one and of all, last days, proofs beside the list; and back as one."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.licence.recognition_file import shipped
from inventory.register.entitlements_in import product_of
from inventory.taking_in.headers import plain
from inventory.taking_in.licences import LICENCES, MOST, LicenceTable, open_licences
from inventory.taking_in.rows import Mistake, Taken
from inventory.taking_in.values import months_after
from ops.errors import InvalidRequest
from tests.workspace import Desk, bare

GERMAN = "\n".join(
    (
        "Kurzname;Software;Lizenzart;Anzahl;Gültig ab;Gültig bis;Gesamtpreis;Kündigungsfrist;Verlängert sich;"
        "Rechnungsnr.;Nachweis;Lizenzschlüssel",
        "m365;Microsoft 365 Apps;pro Benutzer;40;01.01.2026;31.12.2026;1.536 €;3 Monate;ja;R-17;rechnung.pdf;A-BBBBB",
        "visio;microsoft.visio;pro Gerät;5;01.02.2026;;600,00 €;;;R-18;;",
        "",
    )
)


def table(folder: Path, text: str, cost: str = "") -> LicenceTable:
    path = folder / "licences.csv"
    path.write_text(text, encoding="utf-8")
    return open_licences(path, cost=cost)


def fields(folder: Path, text: str, cost: str = "") -> dict[str, str]:
    (only,) = table(folder, text, cost).rows
    assert isinstance(only, Taken), str(only)
    return dict(only.fields)


def mistake(folder: Path, text: str) -> str:
    (only,) = table(folder, text).rows
    assert isinstance(only, Mistake)
    return str(only)


def test_no_name_of_a_column_stands_for_two_fields() -> None:
    groups = (LICENCES.known_as, LICENCES.second_choice)
    names = [plain(name) for group in groups for others in group.values() for name in others]
    names += [plain(name) for name in (*LICENCES.all, *LICENCES.secret)]
    assert len(set(names)) == len(names)


def test_a_german_list_is_read_whole_and_its_keys_are_left_out(tmp_path: Path) -> None:
    found = table(tmp_path, GERMAN)
    first, second = (one.fields for one in found.rows if isinstance(one, Taken))
    assert first == {
        **{"key": "m365", "product": "Microsoft 365 Apps", "metric": "named-user", "quantity": "40"},
        **{"starts": "2026-01-01", "ends": "2027-01-01", "unit_cost": "38.40", "currency": "EUR"},
        **{"notice_days": "93", "auto_renew": "yes", "invoice": "R-17", "proof": "rechnung.pdf"},
    }
    assert (second["metric"], second["unit_cost"], "ends" in second) == ("device", "120.00", False)
    assert "Lizenzschlüssel: keys and passwords are not kept; the column is left out" in found.said
    assert "Gültig bis is taken as the last day; the register keeps the first day without" in found.said
    assert "BBBBB" not in str(found)


def test_a_plain_price_is_asked_about_where_it_matters(tmp_path: Path) -> None:
    text = "product,quantity,starts,Price\nwinrar,4,2026-01-01,100 €\n"
    with pytest.raises(InvalidRequest) as caught:
        table(tmp_path, text)
    assert (str(caught.value), caught.value.hint) == (
        "licences.csv: Price can be of one or of the whole line",
        "say --cost unit or --cost total",
    )
    assert fields(tmp_path, text, "unit")["unit_cost"] == "100.00"
    assert fields(tmp_path, text, "total")["unit_cost"] == "25.00"
    assert fields(tmp_path, text.replace(",4,", ",1,"))["unit_cost"] == "100.00"
    with pytest.raises(InvalidRequest, match="a price is not of a pack"):
        table(tmp_path, text, "pack")


def test_a_price_that_does_not_part_evenly_is_rounded_and_that_is_said(tmp_path: Path) -> None:
    (only,) = table(tmp_path, "product,quantity,starts,total\nwinrar,3,2026-01-01,100 €\n").rows
    assert isinstance(only, Taken)
    assert (only.fields["unit_cost"], only.notices) == ("33.33", ("100.00 for 3 is 33.33 each, rounded",))


@pytest.mark.parametrize(
    ("column", "starts", "written", "ends"),
    [
        ("Valid until", "2026-01-01", "2026-12-31", "2027-01-01"),
        ("Expires", "2026-01-01", "2027-01-01", "2027-01-01"),
        ("Expires", "2026-01-15", "2027-01-31", "2027-02-01"),
        ("Gültig bis", "", "2026-12-31", "2027-01-01"),
        ("ends", "2026-01-01", "2026-12-31", "2026-12-31"),
    ],
)
def test_the_last_day_becomes_the_first_day_without(
    tmp_path: Path, column: str, starts: str, written: str, ends: str
) -> None:
    assert fields(tmp_path, f"key,starts,{column}\nx,{starts},{written}\n")["ends"] == ends


@given(st.dates(date(1990, 1, 1), date(2900, 1, 1)), st.integers(1, 60))
def test_a_term_of_months_ends_on_the_same_day_however_its_end_is_written(
    tmp_path_factory: pytest.TempPathFactory, starts: date, months: int
) -> None:
    folder, end = tmp_path_factory.mktemp("l"), months_after(starts, months)
    for written in (end, end - timedelta(days=1)):
        assert fields(folder, f"key,starts,until\nx,{starts},{written}\n")["ends"] == end.isoformat()


@pytest.mark.parametrize(
    ("column", "cell", "field", "text"),
    [
        *(("Anzahl", "1.200", "quantity", "1200"), ("Seats", "40 seats", "quantity", "40")),
        *(("Kündigungsfrist", "6 Wochen", "notice_days", "42"), ("Notice", "90 days", "notice_days", "90")),
        *(("Notice", "30", "notice_days", "30"), ("Laufzeit", "jährlich", "term_months", "12")),
        *(("Term", "perpetual", "term_months", "0"), ("Laufzeit", "3 Jahre", "term_months", "36")),
        *(("Standort", "Leith", "scope", "site:Leith"), ("Scope", "alle", "scope", "org")),
        *(("Lizenzart", "CAL", "metric", "cal"), ("License type", "Per Core", "metric", "core")),
    ],
)
def test_counts_terms_and_places_are_read_as_people_write_them(
    tmp_path: Path, column: str, cell: str, field: str, text: str
) -> None:
    assert fields(tmp_path, f"key,{column}\nx,{cell}\n")[field] == text


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("Anzahl", "viele", "this is no whole number"),
        ("Notice", "3 moons?", "this is no whole number"),
        ("Notice", "3 fortnights", "this is no span of days"),
        ("Metrik", "pro Nase", "this is no metric"),
        ("Start", "soon", "this is no day"),
    ],
)
def test_what_cannot_be_read_is_a_mistake_of_its_row(tmp_path: Path, column: str, cell: str, said: str) -> None:
    assert said in mistake(tmp_path, f"key,{column}\nx,{cell}\n")


def test_a_long_list_is_refused(tmp_path: Path) -> None:
    rows = "".join(f"k{n}\n" for n in range(MOST))
    assert len(table(tmp_path, f"key\n{rows}").rows) == MOST
    with pytest.raises(InvalidRequest, match="more than 2000 rows"):
        table(tmp_path, f"key\n{rows}one-more\n")


def test_a_product_is_known_by_its_id_and_by_its_name() -> None:
    products = shipped().products
    for text in ("microsoft.365-apps", "Microsoft 365 Apps", "microsoft 365 apps", "Microsoft Microsoft 365 Apps"):
        assert product_of(text, products) == "microsoft.365-apps"
    assert product_of("Adobe Acrobat", products) == "adobe.acrobat"
    assert product_of("Windows Server Datacenter", products) == "microsoft.windows-server-datacenter"
    with pytest.raises(InvalidRequest) as caught:
        product_of("Windows Server", products)
    assert "can be microsoft.windows-server, microsoft.windows-server-datacenter" in str(caught.value)
    with pytest.raises(InvalidRequest) as caught:
        product_of("Adobe Akrobat", products)
    assert caught.value.hint == "did you mean adobe.acrobat?"
    with pytest.raises(InvalidRequest) as caught:
        product_of("Qqq", products)
    assert "inventory/software.yaml" in caught.value.hint


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = bare(tmp_path / "desk", "lead")
    (made.folder / "lists").mkdir()
    (made.folder / "lists" / "l.csv").write_bytes(GERMAN.encode("cp1252"))
    (made.folder / "lists" / "rechnung.pdf").write_bytes(b"%PDF-1.7 R-17")
    return made


def entitlements(desk: Desk) -> dict[str, dict[str, str]]:
    return {one["key"]: one for one in desk.ops("licence", "show", "--json").json["licences"]}


def test_a_list_comes_in_again_without_a_change_and_goes_back_as_one(desk: Desk) -> None:
    dry = desk.ops("licence", "import", "lists/l.csv", "--dry-run", "--results", "r.csv")
    assert (dry.code, entitlements(desk)) == (0, {}), dry.err
    results = (desk.folder / "r.csv").read_text().splitlines()
    assert results == [
        "row,licence,result,matched by,why",
        "2,m365,new,,",
        '3,visio,new,,"no proof, so it does not count yet"',
    ]
    done = desk.ops("licence", "import", "lists/l.csv", "--yes")
    assert done.code == 0, done.err
    found = entitlements(desk)
    assert found["m365"]["proof"] == hashlib.sha256(b"%PDF-1.7 R-17").hexdigest()
    assert (found["m365"]["unit_cost"], found["m365"]["ends"]) == ("38.40", "2027-01-01")
    run = desk.last_run()
    assert "nothing to change" in desk.ops("licence", "import", "lists/l.csv", "--yes").out
    back = desk.ops("run", "undo", run, "--yes")
    assert (back.code, entitlements(desk)) == (0, {}), back.err
    assert desk.ops("evidence", "verify").code == 0


def test_all_rows_come_in_or_what_can_be(desk: Desk) -> None:
    text = "product,quantity,starts,invoice,proof\n" + "".join(
        f"{row}\n"
        for row in (
            "winrar,5,2026-01-01,R-1,",
            "winrr,5,2026-01-01,R-2,",
            "winrar,5,2026-01-01,R-1,",
            "teamviewer,5,2026-01-01,R-3,absent.pdf",
            "teamviewer,,2026-01-01,R-4,",
        )
    )
    (desk.folder / "own.csv").write_text(text)
    whole = desk.ops("licence", "import", "own.csv", "--yes")
    assert (whole.code, "nothing was taken in" in whole.err, entitlements(desk)) == (6, True, {}), whole.err
    part = desk.ops("licence", "import", "own.csv", "--partial", "--yes")
    assert (part.code, "4 rows could not be taken in" in part.err) == (5, True), part.err
    said = [line.strip() for line in part.err.splitlines() if line.startswith("  row ")]
    assert said[0] == "row 3: there is no product 'winrr' (did you mean winrar?)"
    assert "row 4: winrar/2026-01-01/R-1: the same licence stands in row 2" in said[1]
    assert "row 5: the proof 'absent.pdf' cannot be read" in said[2]
    assert "row 6: teamviewer/2026-01-01/R-4: " in said[3]
    found = entitlements(desk)
    assert list(found) == ["winrar/2026-01-01/R-1"]
    assert (found["winrar/2026-01-01/R-1"]["metric"], found["winrar/2026-01-01/R-1"]["units"]) == ("device", 5)


def test_a_row_without_a_key_finds_the_line_of_its_invoice_and_empty_cells_leave_what_is_there(desk: Desk) -> None:
    added = ("licence", "add", "rar", "winrar", "device", "5", "2026-01-01", "--invoice", "R-1", "--unit-cost", "9.00")
    assert desk.ops(*added, "--currency", "EUR", "--yes").code == 0
    (desk.folder / "own.csv").write_text("product,quantity,starts,invoice,unit cost\nWinRAR,7,2026-01-01,R-1,\n")
    done = desk.ops("licence", "import", "own.csv", "--results", "r.csv", "--yes")
    assert done.code == 0, done.err
    assert (desk.folder / "r.csv").read_text().splitlines()[1].startswith('2,rar,changed,"product, start and invoice",')
    found = entitlements(desk)
    assert (list(found), found["rar"]["units"], found["rar"]["unit_cost"]) == (["rar"], 7, "9.00")


def test_a_proof_of_a_film_s_size_is_refused_and_a_digest_is_one_already(desk: Desk) -> None:
    with (desk.folder / "film.pdf").open("wb") as file:
        file.truncate((50 << 20) + 1)
    head = "key,product,quantity,starts,proof\n"
    (desk.folder / "own.csv").write_text(f"{head}x,winrar,5,2026-01-01,film.pdf\n")
    done = desk.ops("licence", "import", "own.csv", "--dry-run")
    assert "the proof 'film.pdf' is larger than 50 MiB" in done.err
    (desk.folder / "own.csv").write_text(f"{head}x,winrar,5,2026-01-01,{'AB' * 32}\n")
    assert desk.ops("licence", "import", "own.csv", "--yes").code == 0
    assert entitlements(desk)["x"]["proof"] == "ab" * 32
