"""What stands in a column says what the column is, and each word that is not known is said once."""

from __future__ import annotations

from pathlib import Path

import pytest

from inventory.taking_in.assets import AssetTable, open_assets
from inventory.taking_in.mapping import Wishes
from inventory.taking_in.rows import Mistake, Taken
from inventory.taking_in.settling import settled
from ops.errors import InvalidRequest


def table(folder: Path, text: str, **wishes: dict[str, dict[str, str]]) -> AssetTable:
    path = folder / "assets.csv"
    path.write_text(text, encoding="utf-8")
    return open_assets(path, wishes=Wishes(**wishes))  # type: ignore[arg-type]


def taken(found: AssetTable) -> list[dict[str, str]]:
    return [dict(one.fields) for one in found.assets() if isinstance(one, Taken)]


def test_a_zustand_that_holds_states_is_the_state(tmp_path: Path) -> None:
    found = table(tmp_path, "Tag;Zustand\n1;in Betrieb\n2;aktiv\n3;defekt\n4;gut\n")
    assert "Zustand is read as state, by the words in it" in found.said
    assert [one.get("state", one.get("condition")) for one in taken(found)] == ["deployed"] * 2 + ["in_repair", "good"]


def test_a_zustand_that_holds_conditions_is_the_condition(tmp_path: Path) -> None:
    found = table(tmp_path, "Tag;Zustand\n1;neu\n2;gut\n3;defekt\n")
    assert [one["condition"] for one in taken(found)] == ["new", "good", "broken"]


def test_a_zustand_beside_a_status_stays_the_condition(tmp_path: Path) -> None:
    found = table(tmp_path, "Tag;Status;Zustand\n1;aktiv;gut\n2;Lager;aktiv\n3;Lager;frei\n")
    (only,) = taken(found)
    assert only == {"tag": "1", "state": "deployed", "condition": "good"}


@pytest.mark.parametrize(
    ("text", "column", "field"),
    [
        ("Tag,Type\n1,Laptop\n2,Oddity\n3,Printer\n", "Type", "kind"),
        ("Tag,Typ\n1,Latitude 5440\n2,ThinkPad T14\n", "Typ", "model"),
        ("Tag,Category,Type\n1,Laptop,user\n2,Laptop,location\n", "Type", "holder_kind"),
        ("Tag,Kategorie,Typ\n1,Laptop,T14\n2,Drucker,M400\n", "Typ", "model"),
        ("Tag,Kategorie,Modell,Typ\n1,Laptop,T14,X\n2,Drucker,M400,Y\n", "Typ", "extra.typ"),
        ("Tag,Model,Type\n1,T14,A\n2,X1,B\n", "Type", "extra.type"),
    ],
)
def test_a_type_is_what_its_words_are(tmp_path: Path, text: str, column: str, field: str) -> None:
    found = table(tmp_path, text)
    assert found.mapping.fields[column] == field
    assert found.reading.fields == found.mapping.fields


def test_what_a_mapping_file_says_of_a_column_stays(tmp_path: Path) -> None:
    text = "Tag,Typ\n1,Latitude 5440\n2,ThinkPad T14\n"
    assert table(tmp_path, text, columns={"Typ": "kind"}).mapping.fields["Typ"] == "kind"  # type: ignore[dict-item]


def test_a_column_of_kinds_under_an_unknown_name_is_said(tmp_path: Path) -> None:
    found = table(tmp_path, "Tag,Gattung,Farbe\n1,Notebook,rot\n2,Drucker,blau\n")
    said = "Gattung looks like the kind (Notebook, Drucker); a mapping file can say: Gattung: kind"
    assert [one for one in found.said if "looks like" in one] == [said]
    found = table(tmp_path, "Tag,Art,Gattung\n1,Laptop,Notebook\n2,Laptop,Drucker\n")
    assert not [one for one in found.said if "looks like" in one]


def test_an_unknown_column_with_nearly_a_known_name_is_asked_about(tmp_path: Path) -> None:
    found = table(tmp_path, "Tag,Anschafungspreis,Farbe\n1,a,b\n")
    assert "columns not known, kept as extra: Anschafungspreis (perhaps cost), Farbe" in found.said


def test_unknown_words_are_listed_once_with_what_there_is_and_not_on_every_row(tmp_path: Path) -> None:
    found = table(
        tmp_path, "Tag,Status\n1,Qubit\n2,qubit\n3,Zonk\n4,aktiv\n5,Regal\n", values={"state": {"Regal": "in_stock"}}
    )
    (said,) = [one for one in found.said if "Qubit" in one]
    assert said.startswith(
        "Status: 'Qubit', 'Zonk' is no state; a mapping file can say what it is, of planned, ordered,"
    )
    wrong = [str(one) for one in found.assets() if isinstance(one, Mistake)]
    assert len(wrong) == 3
    assert not any("planned" in one for one in wrong)


def test_words_that_are_kept_in_the_notes_are_said_once(tmp_path: Path) -> None:
    found = table(tmp_path, "Tag,Art\n1,Beamer\n2,Beamer\n3,Laptop\n")
    assert "Art: read 'Beamer' as other; the word is kept in the notes" in found.said
    assert [one.get("notes") for one in taken(found)] == ["Beamer", "Beamer", None]


def test_a_currency_in_the_header_is_that_of_its_amounts(tmp_path: Path) -> None:
    (only,) = taken(table(tmp_path, "Tag;Anschaffungspreis (CHF)\n1;1299,50\n"))
    assert (only["cost"], only["currency"]) == ("1299.50", "CHF")


KNOWN = {"state": "deployed", "maker": "Dell", "notes": "Sekretariat; Akku neu", "holder": "person:amy.ng"}


def row(states: tuple[str, ...] = (), **fields: str) -> Taken:
    return Taken(2, fields, (), states)


def test_a_maker_spelled_otherwise_stays_as_the_register_has_it() -> None:
    assert settled(KNOWN, row(maker="Dell Inc.", model="X")) == {"model": "X"}
    assert settled(KNOWN, row(maker="HP")) == {"maker": "HP"}
    assert settled(None, row(maker="Dell Inc.")) == {"maker": "Dell Inc."}


def test_a_state_said_in_other_words_stays(tmp_path: Path) -> None:
    (on_loan,) = [one for one in table(tmp_path, "Tag,Status\n1,in use\n").assets() if isinstance(one, Taken)]
    (deployed,) = [one for one in table(tmp_path, "Tag,Status\n1,deployed\n").assets() if isinstance(one, Taken)]
    assert settled({**KNOWN, "state": "on_loan"}, on_loan) == {"tag": "1"}
    assert settled({**KNOWN, "state": "on_loan"}, deployed) == {"tag": "1", "state": "deployed"}
    for state in ("lost", "stolen", "missing"):
        assert settled({"state": state}, row(("lost", "missing", "stolen"), state="lost")) == {}
    assert settled({"state": "in_repair"}, row(("in_repair",), state="in_repair")) == {}


def test_a_step_that_the_file_does_not_explain_is_refused_with_what_the_file_can_say() -> None:
    with pytest.raises(InvalidRequest) as caught:
        settled(KNOWN, row(("in_repair",), state="in_repair"))
    assert caught.value.hint == "add a column repair_with, or use: ops asset repair"
    assert settled(KNOWN, row(("in_repair",), state="in_repair", repair_with="Dell"))["state"] == "in_repair"
    assert settled(None, row(("in_repair",), state="in_repair"))["state"] == "in_repair"
    with pytest.raises(InvalidRequest, match="it is disposed of, and the file does not say how"):
        settled(None, row(("disposed",), state="disposed"))
    assert settled({"state": "disposed"}, row(("disposed",), state="disposed")) == {}


def test_notes_that_hold_what_the_file_says_stay() -> None:
    assert settled(KNOWN, row(notes="Sekretariat"))["notes"] == KNOWN["notes"]
    assert settled(KNOWN, row(notes="Aula"))["notes"] == "Aula"


def test_what_is_in_use_without_a_name_or_a_room_is_with_its_site() -> None:
    assert settled(None, row(("deployed",), state="deployed", site="Leith"))["holder"] == "location:Leith"
    assert "holder" not in settled(KNOWN, row(("deployed",), state="deployed", site="Leith"))
    assert "holder" not in settled(None, row(("deployed",), state="deployed", site="Leith", location="101"))
