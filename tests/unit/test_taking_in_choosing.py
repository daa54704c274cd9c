"""Which reader takes a file is decided by its content, and said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openpyxl import Workbook

from inventory.taking_in.choosing import FORMATS, format_of, reader_for
from inventory.taking_in.glpi import Collected
from inventory.taking_in.rows import Taken
from ops.errors import InvalidRequest

MACHINE = {"deviceid": "x", "content": {"hardware": {"name": "pc1"}}}
CONTENTS = {
    "csv": b"Tag;Model\n1;2\n",
    "glpi": json.dumps(MACHINE).encode(),
    "ansible-yaml": b"---\n# ours\nall:\n  hosts:\n    pc1:\n",
    "ansible-ini": b"# ours\npc0 ansible_host=192.0.2.1\n\n[web]\npc1\n",
}


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("kind", CONTENTS)
@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.json", "hosts", "a.yml"])
def test_the_content_decides_whatever_the_name_says(tmp_path: Path, kind: str, name: str) -> None:
    found = reader_for(written(tmp_path, name, CONTENTS[kind]))
    assert (found.format, found.said[0]) == (kind, f"read as {FORMATS[kind]}, by its content")
    assert all(isinstance(one, Taken | Collected) for one in found.records())
    assert list(found.records())


def test_a_workbook_is_one_whatever_its_name_says(tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(["Tag"])
    book.active.append(["1"])
    book.save(tmp_path / "assets.csv")
    found = reader_for(tmp_path / "assets.csv")
    assert (found.format, [one.fields for one in found.records() if isinstance(one, Taken)]) == ("xlsx", [{"tag": "1"}])


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"[Tag],Model\n1,2\n", "csv"),
        (b"Tag,Notes\n[x]\n1,2\n", "csv"),
        (b"{Tag},Model\n1,2\n", "csv"),
        (b"[web]\npc1\n", "ansible-ini"),
        (b"all:\n    children:\n        web:\n", "ansible-yaml"),
        (b"Tag: Model\n", "csv"),
        (b"\xff\xfe" + "Tag;Größe\n".encode("utf-16-le"), "csv"),
        (b"\xef\xbb\xbf" + json.dumps(MACHINE).encode(), "glpi"),
        (b"", "csv"),
    ],
)
def test_what_looks_alike_is_told_apart(tmp_path: Path, content: bytes, kind: str) -> None:
    assert format_of(written(tmp_path, "a.txt", content)) == kind


def test_a_folder_of_inventories_is_read_and_another_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="holds no inventories"):
        reader_for(tmp_path)
    for name in ("a.json", "b.json"):
        written(tmp_path, name, CONTENTS["glpi"])
    assert [isinstance(one, Collected) for one in reader_for(tmp_path).records()] == [True, True]


def test_json_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="is JSON, and no GLPI inventory"):
        reader_for(written(tmp_path, "a.json", b'[{"tag": "1"}]'))


def test_the_format_that_is_asked_for_is_used_and_said(tmp_path: Path) -> None:
    path = written(tmp_path, "a", b"web:\n  hosts:\n    pc1:\n")
    assert reader_for(path).format == "ansible-yaml"
    found = reader_for(written(tmp_path, "b", b"Tag\n[x]\n"), "csv")
    assert (found.format, found.said[0]) == ("csv", "read as a table as CSV, as asked")
    with pytest.raises(InvalidRequest) as caught:
        reader_for(path, "xml")
    assert "ansible-ini" in caught.value.hint


@pytest.mark.parametrize("format", ["", *FORMATS])
def test_a_file_that_is_not_there_is_refused_by_every_reader(tmp_path: Path, format: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        list(reader_for(tmp_path / "absent", format).records())
    assert caught.value.hint


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("kind", CONTENTS)
def test_a_file_of_another_format_is_refused_or_read_and_never_a_traceback(
    tmp_path: Path, format: str, kind: str
) -> None:
    path = written(tmp_path, "a", CONTENTS[kind])
    try:
        list(reader_for(path, format).records())
    except InvalidRequest as error:
        said = error
    else:
        return
    assert said.hint
    assert "\n" not in str(said)
