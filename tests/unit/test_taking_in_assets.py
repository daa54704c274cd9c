"""Assets out of tables of others, whole files at a time: every file of the kind that goes wrong elsewhere."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from inventory.taking_in.assets import AssetTable, open_assets
from inventory.taking_in.mapping import Wishes
from inventory.taking_in.rows import Mistake, Options, Taken
from ops.errors import InvalidRequest

OFFICE = """Inventarnummer;Hersteller;Seriennummer;Kaufdatum;Kaufpreis;Status;Garantie;Benutzername;Farbe
LAP-1;Müller & Söhne;SN-1;25.11.2026;1.299,00 €;Ready to Deploy;36 Monate;;rot
LAP-2;Dell;To be filled by O.E.M.;03.04.2026;899 €;In Betrieb;;amy.ng;
"""


def table(folder: Path, text: str, encoding: str = "utf-8", **wishes: str) -> AssetTable:
    path = folder / "assets.csv"
    path.write_bytes(text.encode(encoding))
    return open_assets(path, wishes=Wishes(**wishes))  # type: ignore[arg-type]


def sorted_out(found: AssetTable) -> tuple[list[Taken], list[str]]:
    records = list(found.assets())
    taken = [one for one in records if isinstance(one, Taken)]
    return taken, [str(one) for one in records if isinstance(one, Mistake)]


def refused(folder: Path, text: str, **wishes: str) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        sorted_out(table(folder, text, **wishes))
    assert caught.value.hint
    return caught.value


def test_an_export_in_windows_1252_with_a_mark_and_semicolons_is_taken_whole(tmp_path: Path) -> None:
    path = tmp_path / "assets.csv"
    path.write_bytes(b"\xef\xbb\xbf" + OFFICE.encode("cp1252"))
    found = open_assets(path)
    assert found.said == (
        "CSV, Windows-1252, though it begins with the mark of UTF-8",
        "columns parted by semicolon, by the header",
        "Kaufdatum: days are written dmy",
        "Kaufpreis: decimals are parted by a comma",
        "columns not known, kept as extra: Farbe",
    )
    (first, second), wrong = sorted_out(found)
    assert wrong == []
    assert first.fields == {
        **{"tag": "LAP-1", "maker": "Müller & Söhne", "serial": "SN-1", "state": "in_stock", "extra.farbe": "rot"},
        **{"purchased": "2026-11-25", "cost": "1299.00", "currency": "EUR"},
        **{"warranty_until": "2029-11-25", "warranty_source": "36 months from the purchase"},
    }
    assert (second.fields["holder"], second.number, "serial" in second.fields) == ("person:amy.ng", 3, False)
    assert second.notices == ("serial 'To be filled by O.E.M.' is a placeholder and was left out",)


def test_the_row_that_tells_the_order_of_days_may_be_the_last(tmp_path: Path) -> None:
    rows = "".join(f"T{n},0{n}/02/2026\n" for n in range(1, 10))
    taken, _ = sorted_out(table(tmp_path, f"Tag,Purchased\n{rows}T10,02/13/2026\n"))
    assert taken[0].fields["purchased"] == "2026-01-02"
    assert "Purchased: '01/02/2026' in line 2 can be two days" in str(refused(tmp_path, f"Tag,Purchased\n{rows}"))
    taken, _ = sorted_out(table(tmp_path, f"Tag,Purchased\n{rows}", dates="dmy"))
    assert taken[0].fields["purchased"] == "2026-02-01"


def test_each_column_of_days_has_its_own_order(tmp_path: Path) -> None:
    found = table(tmp_path, "Tag,Purchased,Warranty Expires\n1,2026-11-25,25/12/2027\n")
    (only,), _ = sorted_out(found)
    assert (only.fields["purchased"], only.fields["warranty_until"]) == ("2026-11-25", "2027-12-25")


def test_an_order_that_was_said_makes_other_days_mistakes_of_their_rows(tmp_path: Path) -> None:
    text = "Tag,Purchased\n1,25/11/2026\n2,11/25/2026\n"
    assert "holds days in different orders" in str(refused(tmp_path, text))
    taken, wrong = sorted_out(table(tmp_path, text, dates="dmy"))
    assert len(taken) == 1
    assert wrong == ["line 3, Purchased: the column's days are written dmy, found '11/25/2026'"]


def test_amounts_without_any_currency_are_a_question_once_and_not_a_mistake_in_every_row(tmp_path: Path) -> None:
    text = "Tag,Cost\n1,5 €\n2,12.50\n"
    error = refused(tmp_path, text)
    assert str(error) == "assets.csv: Cost: '12.50' in line 3 has no currency"
    taken, _ = sorted_out(table(tmp_path, text, currency="usd"))
    assert [one.fields["currency"] for one in taken] == ["EUR", "USD"]
    assert "is no currency" in str(refused(tmp_path, text, currency="Euro"))


def test_a_tag_serial_or_uuid_is_taken_once_and_the_first_line_is_named(tmp_path: Path) -> None:
    uuid = "4c4c4544-0034-3010-8048-b6c04f503732"
    text = (
        "Tag,Maker,Serial,UUID\n"
        f"T1,Dell,SN 1,{uuid}\nT2,Dell,sn-1,\nt1,Dell,SN3,\nT4,HP,SN1,\nT5,HP,SN 1,{{{uuid.upper()}}}\n"
        "T6,Dell,Default string,\nT7,Dell,Default string,\n"
    )
    taken, wrong = sorted_out(table(tmp_path, text))
    assert wrong == [
        "line 3, Serial: the same serial stands in line 2, found 'sn-1'",
        "line 4, Tag: the same tag stands in line 2, found 't1'",
        f"line 6, UUID: the same uuid stands in line 2, found '{{{uuid.upper()}}}'",
    ]
    assert [one.fields["tag"] for one in taken] == ["T1", "T4", "T6", "T7"]


def test_a_table_can_be_taken_in_twice_with_the_same_result(tmp_path: Path) -> None:
    found = table(tmp_path, "Tag,Serial\n1,A1\n2,A1\n3,A3\n")
    assert list(found.assets()) == list(found.assets())


def test_a_formula_in_a_name_arrives_as_text_and_never_as_a_formula(tmp_path: Path) -> None:
    taken, wrong = sorted_out(table(tmp_path, "Tag,Model,Owner\n1,\"'=cmd|' /C calc'!A0\",'@amy\n"))
    assert (taken[0].fields["model"], taken[0].fields["owner"], wrong) == ("=cmd|' /C calc'!A0", "@amy", [])


def test_a_workbook_and_a_csv_of_the_same_content_give_the_same_assets(tmp_path: Path) -> None:
    header, rows = ["Tag", "Model", "Notes"], [["T1", "T14", "=1+1"], ["T2", "X1", "good"]]
    text = "\n".join(",".join(row) for row in (header, *rows))
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (header, *rows):
        sheet.append(row)
        for cell in sheet[sheet.max_row]:
            cell.data_type = "s"
    book.save(tmp_path / "a.xlsx")
    assert sorted_out(open_assets(tmp_path / "a.xlsx")) == sorted_out(table(tmp_path, text))


def test_the_mapping_options_and_sheet_reach_the_table(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Nr|x,Was\n1|2,Notebook\n", encoding="utf-8")
    found = open_assets(path, Options(delimiter="comma"), Wishes({"Nr|x": "tag", "Was": "kind"}))
    assert [one.fields for one in sorted_out(found)[0]] == [{"tag": "1|2", "kind": "laptop"}]


WORDS = st.text("abcÄ=+-@', ;\u00e9\0\u202e", max_size=12)


@given(st.lists(st.tuples(WORDS, WORDS), max_size=10))
def test_every_row_ends_as_an_asset_or_a_mistake_and_none_is_lost(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    text = "".join(f"T{n},{model},{notes}\n" for n, (model, notes) in enumerate(rows))
    found = list(table(tmp_path_factory.mktemp("odd"), f"Tag,Model,Notes\n{text}").assets())
    taken, wrong = ({one.number for one in found if isinstance(one, kind)} for kind in (Taken, Mistake))
    assert taken | wrong == set(range(2, len(rows) + 2))
    assert taken & wrong == set()


def large(path: Path, lines: int) -> Path:
    def rows() -> Iterator[str]:
        yield "Tag,Serial,Model,Notes,Purchased,Cost,Currency,Status\r\n"
        for n in range(2, lines + 1):
            serial = "SN2" if n == lines else f"SN{n}"
            broken = "99.99.2026" if n == 31_007 else f"{n % 28 + 1:02}.01.2026"
            yield f'LAP-{n},{serial},"T14, black",for Zoë Müller in the office,{broken},"1.200,00",EUR,Deployed\r\n'

    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(rows())
    return path


def test_a_large_file_is_taken_in_and_its_mistakes_are_named(tmp_path: Path) -> None:
    taken, wrong = sorted_out(open_assets(large(tmp_path / "large.csv", 32_000)))
    assert wrong == [
        "line 31007, Purchased: this is no day, found '99.99.2026', expected a day such as 25.11.2026",
        "line 32000, Serial: the same serial stands in line 2, found 'SN2'",
    ]
    assert len(taken) == 32_000 - 3


@pytest.mark.parametrize("lines", [8_000, pytest.param(500_000, marks=[pytest.mark.night, pytest.mark.timeout(1800)])])
def test_taking_in_a_large_file_needs_less_than_sixty_bytes_a_row(tmp_path: Path, lines: int) -> None:
    path = large(tmp_path / "large.csv", lines)
    assert lines < 100_000 or path.stat().st_size > 40 << 20
    tracemalloc.start()
    try:
        for _ in open_assets(path).assets():
            pass
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < (1 << 20) + 60 * lines
