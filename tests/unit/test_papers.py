"""Papers and the bundle: what stands in them, what must not, and a checker that needs nothing of ours."""

from __future__ import annotations

import io
import json
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import zipfile
from hashlib import sha256
from pathlib import Path

import docx
import openpyxl
import pytest

from evidence.papers import files
from evidence.papers.blocks import Heading, Table, Text
from tests.unit import school as schools
from tests.unit.school import School, room

SECRET = "Popocatepetl"
PAPERS = ("portfolio", "schedule", "completion", "profile", "training-plan", "match")
SEEDED = ("Amy", "Quillfeather", "Thistlewood", "Marchbanks", "Zanzibar", "North College", "Popocatepetl", "beamer")
FLIPS = 120
LONG = pytest.param(50_000, marks=[pytest.mark.night, pytest.mark.timeout(3600)])
SKILLS = (
    *("adapting", "collaborating", "communicating", "creativity", "critical-thinking", "curiosity"),
    *("feeling", "focussing", "initiative", "integrity", "leading", "sense-making"),
)
RATINGS = [word for skill in SKILLS for word in (f"--{skill}", "3")]
LOOK_BACK = [word for name in ("happened", "part", "thought", "good", "why", "next") for word in (f"--{name}", SECRET)]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> School:
    """A school in which one item was signed off, one record referred back, and a course was attended."""
    school = schools.make(tmp_path_factory.mktemp("papers") / "s")
    first, second = room(school.amy), room(school.amy)
    cpd = ("--what", "Shell course", "--provider", "North College", "--on", "today", "--minutes", "90")
    told = school.amy.ops("journal", "cpd", *cpd, "--learned", "pipes", "--use", "logs", "--yes", "--for", "xo.1")
    assert told.code == 0, told.err
    for last in ("3", "5"):
        rated = school.amy.ops(
            "journal", "meta-skills", *RATINGS[:-1], last, "--strongest", "a", "--weakest", "b", "--yes"
        )
        assert rated.code == 0, rated.err
    assert school.amy.ops("journal", "reflect", *LOOK_BACK, "--yes", "--about", first).code == 0
    school.submit()
    school.imported()
    school.mentor.ops("review", "refer-back", first, "--feedback", "Say why")
    school.mentor.ops("review", "accept", second, "--method", "observation", "--criteria", "vacsr")
    school.mentor.ops("review", "sign-off", "amy", "3.A", "--because", "Seen twice")
    school.returned()
    assert school.received().code == 0
    return school


@pytest.fixture
def school(template: School, tmp_path: Path) -> School:
    return schools.copied(template, tmp_path / "s")


def text_of(path: Path) -> str:
    """All that stands in a paper, whatever file it is."""
    if path.suffix == ".docx":
        made = docx.Document(str(path))
        cells = [cell.text for table in made.tables for row in table.rows for cell in row.cells]
        return "\n".join(
            [*(p.text for p in made.paragraphs), *cells, *(s.footer.paragraphs[0].text for s in made.sections)]
        )
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        return "\n".join(str(cell.value) for sheet in book for row in sheet for cell in row if cell.value is not None)
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", [".docx", ".html", ".xlsx"])
@pytest.mark.parametrize("paper", PAPERS)
def test_each_paper_is_made_in_each_form(template: School, tmp_path: Path, paper: str, kind: str) -> None:
    path = tmp_path / f"paper{kind}"
    done = template.amy.ops("portfolio", "export", paper, "-o", str(path), "--json")
    assert done.code == 0, done.err
    text = text_of(path)
    assert "Amy Quillfeather" in text
    assert "What this does not prove" in text or kind == ".xlsx"


def test_every_page_of_a_document_says_which_it_is_and_the_last_words_stay_together() -> None:
    blocks = [Heading("T", 1), *(Text(f"line {number}", small=True) for number in range(3))]
    made = docx.Document(io.BytesIO(files.docx(blocks, "T")))
    fields = re.findall('w:instr="(\\w+)"', made.sections[0].footer._element.xml)
    assert fields == ["PAGE", "NUMPAGES"]
    assert [p.paragraph_format.keep_with_next for p in made.paragraphs[1:]] == [True, True, False]


def test_dates_and_initials_stand_only_where_somebody_signed_off(template: School, tmp_path: Path) -> None:
    path = tmp_path / "s.docx"
    template.amy.ops("portfolio", "export", "schedule", "-o", str(path))
    rows = [[c.text for c in row.cells] for table in docx.Document(str(path)).tables for row in table.rows]
    signed = {row[0]: row[2:] for row in rows if re.fullmatch(r"[1-7]\.[A-I]", row[0])}
    assert len(signed) == 45
    assert [item for item, cells in signed.items() if any(cells)] == ["3.A"]
    day, initials, mark = signed["3.A"]
    assert day.endswith("(lab)")
    assert initials == "MT *"
    assert re.fullmatch("[0-9a-f]{12}", mark)
    text = text_of(path)
    assert "Seen twice" in text
    assert "Shell course" in text
    assert "1.5" in text


def test_the_completion_sheet_counts_situations_and_compares_meta_skills(template: School, tmp_path: Path) -> None:
    path = tmp_path / "c.html"
    template.amy.ops("portfolio", "export", "completion", "-o", str(path))
    text = path.read_text()
    assert "Complete: 0 of 6 mandatory and 0 of at least 1 optional situations" in text
    assert re.search(r"Making sense of things</td><td class=n>3</td><td class=n>5</td><td class=n>\+2", text)


def test_the_training_plan_names_course_and_provider(template: School, tmp_path: Path) -> None:
    path = tmp_path / "t.html"
    template.amy.ops("portfolio", "export", "training-plan", "-o", str(path))
    assert "Help desk: helps people with their devices and software" in path.read_text()


def test_the_match_says_what_was_left_out_on_purpose(template: School, tmp_path: Path) -> None:
    path = tmp_path / "m.html"
    template.amy.ops("portfolio", "export", "match", "-o", str(path))
    assert "Left out on purpose: schooling, years, bodies" in path.read_text()


@pytest.mark.parametrize("what", ["portfolio.html", "portfolio.docx", "portfolio.xlsx", "schedule.docx", "bundle.zip"])
def test_to_a_provider_only_pseudonyms_leave(template: School, tmp_path: Path, what: str) -> None:
    path = tmp_path / what
    done = template.amy.ops("portfolio", "export", path.stem, "-o", str(path), "--provider", "north-college")
    assert done.code == 0, done.err
    whole = path.read_bytes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as package:
            whole = b"".join(package.read(name) for name in package.namelist())
    assert [name for name in SEEDED if name.encode() in whole] == []


def test_pseudonyms_are_the_same_for_one_recipient_and_differ_between_two(template: School, tmp_path: Path) -> None:
    def who(provider: str, name: str) -> str:
        path = tmp_path / name
        template.amy.ops("portfolio", "export", "portfolio", "-o", str(path), "--provider", provider)
        return re.findall(r"Portfolio of (person-\w+)", path.read_text())[0]

    assert who("north", "1.html") == who("north", "2.html") != who("south", "3.html")


def test_reflections_can_be_left_out_and_the_number_says_so(template: School, tmp_path: Path) -> None:
    whole, without = tmp_path / "1.html", tmp_path / "2.html"
    template.amy.ops("portfolio", "export", "portfolio", "-o", str(whole))
    template.amy.ops("portfolio", "export", "portfolio", "-o", str(without), "--without-reflections")
    assert "Popocatepetl" in whole.read_text()
    assert "Popocatepetl" not in without.read_text()
    assert "6 of 6 records" in whole.read_text()
    assert "5 of 6 records" in without.read_text()


def test_the_best_few_are_accepted_ones(template: School, tmp_path: Path) -> None:
    path = tmp_path / "b.html"
    done = template.amy.ops("portfolio", "export", "portfolio", "-o", str(path), "--best", "1", "--json").json
    assert (done["records"], done["of"]) == (1, 6)


def test_a_page_runs_nothing_and_loads_nothing(template: School, tmp_path: Path) -> None:
    path = tmp_path / "p.html"
    template.amy.ops("portfolio", "export", "portfolio", "-o", str(path))
    text = path.read_text()
    assert not re.search(r"<script|<link|<img|https?://|javascript:|\son\w+=", text)
    assert "default-src 'none'" in text


HOSTILE = "=cmd|' /C calc'!A0"
STRANGE = "<script>alert(1)</script>\x00\x1b[2J\ud800"


def test_hostile_text_stays_text_in_every_form() -> None:
    blocks = [Heading(STRANGE, 1), Text(STRANGE), Table(("a", "b"), [(HOSTILE, STRANGE), ("@SUM(1)", "-1+1")], (1, 1))]
    page = files.page(blocks, STRANGE).decode()
    assert "<script>" not in page
    assert "\x1b" not in page
    book = openpyxl.load_workbook(io.BytesIO(files.workbook(blocks, STRANGE)))
    cells = [cell for sheet in book for row in sheet for cell in row]
    assert {cell.data_type for cell in cells if cell.value is not None} <= {"s", "n"}
    assert not [cell.value for cell in cells if str(cell.value).startswith(("=", "@", "+", "-"))]
    assert "alert(1)" in docx.Document(io.BytesIO(files.docx(blocks, STRANGE))).paragraphs[1].text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["schedule", "-o", "x.pdf"], "what kind of file is that"),
        (["portfolio", "-o", "ops.toml"], "what kind of file|exists already"),
        (["portfolio", "-o", "/nowhere/x.html"], "cannot be written"),
        (["portfolio", "-o", "x.html", "--framework", "none"], "no framework none is followed"),
        (["portfolio", "-o", "x.html", "--provider", "a/b"], "cannot name a recipient"),
        (["portfolio", "-o", "x.html", "--of", "carl"], "nobody called carl"),
    ],
)
def test_what_cannot_be_made_is_one_clear_line(template: School, words: list[str], said: str) -> None:
    done = template.amy.ops("portfolio", "export", *words)
    assert done.code in (1, 2)
    assert re.search(said, done.err), done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("name", ["p.html", "p.docx", "p.xlsx", "b.zip"])
def test_a_paper_for_which_there_is_no_room_is_not_there_at_all(template: School, tmp_path: Path, name: str) -> None:
    def little() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))

    what = "bundle" if name == "b.zip" else "portfolio"
    more = {"env": {"PYTHONDONTWRITEBYTECODE": "1"}, "preexec_fn": little}  # else Python's own files are cut off
    done = template.amy.ops("portfolio", "export", what, "-o", str(tmp_path / name), **more)
    assert (done.code, bool(re.search("cannot be written: File too large|no room", done.err))) == (2, True), done.err
    assert list(tmp_path.iterdir()) == []


def bundle(school: School, path: Path, *more: str) -> Path:
    done = school.amy.ops("portfolio", "export", "bundle", "-o", str(path), *more)
    assert done.code == 0, done.err
    return path


def checked(path: Path, folder: Path) -> tuple[int, str]:
    """What the bundle's own checker says, with nothing but Python's standard library."""
    with zipfile.ZipFile(path) as package:
        folder.joinpath("verify.py").write_bytes(package.read("verify.py"))
    argv = [sys.executable, "-I", "-S", str(folder / "verify.py"), str(path)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd=folder)
    return done.returncode, done.stdout + done.stderr


def test_a_bundle_is_checked_by_its_own_checker(template: School, tmp_path: Path) -> None:
    code, said = checked(bundle(template, tmp_path / "b.zip"), tmp_path)
    assert code == 0, said
    assert "6 of 6 records, 1 reviews, 1 sign-offs" in said or "6 of 6 records, 2 reviews, 1 sign-offs" in said
    assert said.rstrip().endswith("holds")


def test_a_bundle_is_checked_by_ssh_keygen_as_its_own_text_says(template: School, tmp_path: Path) -> None:
    with zipfile.ZipFile(bundle(template, tmp_path / "b.zip")) as package:
        package.extractall(tmp_path / "b")
    folder = tmp_path / "b"
    how = (folder / "VERIFY.txt").read_text()
    kinds = (("record", "records", "performer"), ("review", "reviews", "reviewer"), ("signoff", "signoffs", "signer"))
    for kind, name, who in kinds:
        assert f"-n evidence-{kind}-v1 -s {name}/" in how
        texts = list((folder / name).glob("*.json"))
        assert texts
        for text in texts:
            person = json.loads(text.read_text())[who]["id"]
            argv = ["ssh-keygen", "-Y", "verify", "-f", "signers", "-I", person]
            argv += ["-n", f"evidence-{kind}-v1", "-s", f"{text}.sig"]
            done = subprocess.run(argv, cwd=folder, input=text.read_bytes(), capture_output=True, check=False)
            assert (done.returncode, done.stdout[:4]) == (0, b"Good"), done.stderr


def test_a_selection_says_how_many_there_are_in_all(template: School, tmp_path: Path) -> None:
    code, said = checked(bundle(template, tmp_path / "b.zip", "--best", "1"), tmp_path)
    assert code == 0, said
    assert "1 of 6 records" in said


def repacked(path: Path, to: Path, change: dict[str, bytes]) -> Path:
    """The same bundle with some files changed."""
    with zipfile.ZipFile(path) as package, zipfile.ZipFile(to, "w") as out:
        for name in package.namelist():
            out.writestr(name, change.get(name, package.read(name)))
    return to


@pytest.mark.parametrize("flips", [FLIPS, LONG])
def test_one_altered_byte_anywhere_is_found_and_its_file_is_named(template: School, tmp_path: Path, flips: int) -> None:
    path = bundle(template, tmp_path / "b.zip")
    with zipfile.ZipFile(path) as package:
        content = {name: package.read(name) for name in package.namelist() if name != "verify.py"}
    rng = random.Random(flips)
    for _ in range(flips):
        name = rng.choice(sorted(content))
        spoilt = bytearray(content[name])
        spoilt[rng.randrange(len(spoilt))] ^= 1 << rng.randrange(8)
        said = in_process(content | {name: bytes(spoilt)}, tmp_path)
        assert any(name in line for line in said), (name, said)


def in_process(content: dict[str, bytes], folder: Path) -> list[str]:
    """The checker's own functions on changed files, without starting Python each time."""
    from evidence.papers import verify_bundle as checker

    class Held(checker.Bundle):
        def __init__(self) -> None:
            pass

        def read(self, name: str) -> bytes:
            return content[name]

        def names(self) -> list[str]:
            return sorted(content)

    held = Held()
    try:
        manifest = json.loads(content["manifest.json"])
        checker.signed(content["manifest.json.sig"], "evidence-bundle-v1", content["manifest.json"])
    except Exception as error:  # noqa: BLE001
        return [f"manifest.json.sig manifest.json {error}"]
    return list(checker.check_files(held, manifest))


def test_a_forged_record_with_a_matching_manifest_is_still_found(template: School, tmp_path: Path) -> None:
    """Whoever holds the key of the bundle can write a manifest; the records have signatures of their own."""
    from evidence.canonical import canonical
    from evidence.identity import Identity

    path = bundle(template, tmp_path / "b.zip")
    with zipfile.ZipFile(path) as package:
        name = next(one for one in package.namelist() if one.startswith("reviews/") and one.endswith(".json"))
        forged = package.read(name).replace(b"referred-back", b"accepted")
        assert forged != package.read(name)
        manifest = json.loads(package.read("manifest.json"))
    manifest["files"][name] = sha256(forged).hexdigest()
    text = canonical(manifest)
    signature = Identity.load(template.folder / "amy/state").signer().sign("evidence-bundle-v1", text).encode()
    change = {name: forged, "manifest.json": text, "manifest.json.sig": signature}
    code, said = checked(repacked(path, tmp_path / "f.zip", change), tmp_path)
    assert (code, f"{name}: is not what was signed" in said) == (1, True), said


def test_the_checker_says_what_it_cannot_do_and_never_breaks(tmp_path: Path) -> None:
    source = Path(files.__file__).with_name("verify_bundle.py")
    for content in (b"", b"PK\x03\x04", bytes(1000)):
        path = tmp_path / "x.zip"
        path.write_bytes(content)
        done = subprocess.run(
            [sys.executable, "-I", str(source), str(path)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
    assert subprocess.run([sys.executable, "-I", str(source)], capture_output=True, check=False).returncode == 2


def test_erasing_a_person_leaves_every_signature_valid(school: School, tmp_path: Path) -> None:
    done = school.amy.ops("evidence", "erase", "Zanzibar", "--yes")
    assert done.code == 0, done.err
    assert "2 runs" in done.err
    assert "handed to Max Thistlewood" in done.err
    assert school.amy.ops("evidence", "verify").code == 0
    for file in (school.folder / "amy/state").rglob("*"):
        assert not file.is_file() or b"Zanzibar" not in file.read_bytes(), file
    code, said = checked(bundle(school, tmp_path / "b.zip"), tmp_path)
    assert code == 0, said
    held = school.mentor.ops("evidence", "erase", "Amy", "--yes")
    assert held.code == 0, held.err
    assert not [f for f in (school.folder / "mentor/state").rglob("*") if f.is_file() and b"Zanzibar" in f.read_bytes()]
    shutil.rmtree(school.folder)
