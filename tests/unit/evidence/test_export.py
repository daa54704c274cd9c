"""An export is checked with stock tools as VERIFY.txt says, and whatever was done to it is told apart."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence.canonical import canonical
from evidence.export import PARTS, check, check_record, export
from evidence.record import NAMESPACE
from evidence.sshsig import Ed25519Key, fingerprint
from ops.errors import EvidenceInvalid, InvalidRequest, NotFound
from tests.company import AMY, Company
from tests.unit.evidence.office import PERSON, Registry, new_signer
from tests.unit.evidence.openssh import ssh

QUICK = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def registry(office: Company, tmp_path: Path) -> Registry:
    made = Registry(office, tmp_path)
    made.run("r1").start(office.plan(AMY))
    made.seal("r1")
    made.note("r2", "refused", {"why": "Amy Ng is protected"}, error="refused")
    made.seal("r2")
    return made


@pytest.fixture
def folder(registry: Registry, tmp_path: Path) -> Path:
    assert export(registry.ledger, ["r1", "r2"], tmp_path / "out", PERSON) == 2
    return tmp_path / "out"


def known(registry: Registry) -> dict[str, str]:
    return {fingerprint(registry.signer.public): "Ada"}


def commands(folder: Path, run: str) -> list[str]:
    """The commands VERIFY.txt gives, for one run."""
    lines = re.findall(
        r"^    (ssh-keygen -lf \S+|\(echo .*|ssh-keygen -Y .*)", (folder / "VERIFY.txt").read_text(), re.M
    )
    assert len(lines) == 3
    return [line.replace("RUN", run) for line in lines]


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("run", ["r1", "r2"])
def test_the_commands_of_verify_txt_work_as_they_stand(registry: Registry, folder: Path, run: str) -> None:
    said = [shell(command, folder) for command in commands(folder, run)]
    assert [one.returncode for one in said] == [0, 0, 0], said
    assert fingerprint(registry.signer.public) in said[0].stdout
    assert f'Good "{NAMESPACE}" signature for {PERSON}' in said[2].stdout


def test_the_commands_of_verify_txt_fail_on_a_changed_record(folder: Path) -> None:
    text = (folder / "r1.json").read_text()
    (folder / "r1.json").write_text(text.replace('"changed":', '"changed":1', 1))
    assert shell(commands(folder, "r1")[1], folder).returncode == 0
    assert shell(commands(folder, "r1")[2], folder).returncode != 0


def test_the_events_hash_to_the_chain_the_record_names_with_sha256sum_alone(folder: Path) -> None:
    record = json.loads((folder / "r1.json").read_text())
    lines = (folder / "r1.events").read_text().splitlines()
    hashes = [hashlib.sha256(line.encode()).hexdigest() for line in lines]
    own = [json.loads(line) for line in lines]
    assert record["chain"]["head"] == hashes[record["chain"]["count"] - 1]
    assert [event["prev"] for event in own[1:]] == hashes[:-1]
    said = shell("tail -n 1 r1.events | tr -d '\\n' | sha256sum", folder)
    assert said.stdout.split()[0] == hashes[-1]


def test_what_was_exported_holds_for_whoever_knows_the_key(registry: Registry, folder: Path) -> None:
    checked = check(folder, known(registry))
    assert [(one.run, one.verdict) for one in checked] == [("r1", "holds"), ("r2", "holds")]
    assert "signed by Ada" in checked[0].detail


def test_a_key_nobody_was_handed_is_signer_unknown_and_never_a_success(folder: Path) -> None:
    assert {one.verdict for one in check(folder, {})} == {"signer unknown"}


def forged(text: str, key: Ed25519Key, **more: Any) -> tuple[bytes, str]:
    """A record changed and signed again."""
    body = json.loads(text) | more
    changed = canonical(body)
    return changed, key.sign(NAMESPACE, changed)


def test_a_record_signed_by_another_key_than_it_names_is_altered(registry: Registry, folder: Path) -> None:
    other = new_signer()
    text, signature = forged((folder / "r1.json").read_text(), other)
    (folder / "r1.json.sig").write_text(signature)
    (first, second) = check(folder, known(registry) | {fingerprint(other.public): "Eve"})
    assert (first.verdict, second.verdict) == ("altered", "holds")
    assert "another key than it names" in first.detail


HANDS: dict[str, tuple[Callable[[Path], object], str]] = {
    "a changed text": (lambda f: (f / "r1.json").write_text((f / "r1.json").read_text().replace("r1", "r3")), "signed"),
    "a line end": (lambda f: (f / "r1.json").write_bytes((f / "r1.json").read_bytes() + b"\n"), "signed"),
    "another's signature": (lambda f: (f / "r1.json.sig").write_bytes((f / "r2.json.sig").read_bytes()), "signed"),
    "an empty signature": (lambda f: (f / "r1.json.sig").write_text(""), "not an SSH signature"),
    "a signature in bytes": (lambda f: (f / "r1.json.sig").write_bytes(b"\xff\xfe"), ""),
    "a missing record": (lambda f: (f / "r1.json").unlink(), ""),
    "a missing signature": (lambda f: (f / "r1.json.sig").unlink(), "r1.json.sig cannot be read"),
    "missing events": (lambda f: (f / "r1.events").unlink(), "r1.events cannot be read"),
    "an event less": (lambda f: (f / "r1.events").write_bytes(b""), "events are not those"),
    "an event changed": (
        lambda f: (f / "r1.events").write_text((f / "r1.events").read_text().replace('"seq":0', '"seq": 0')),
        "events are not those",
    ),
    "events that are none": (lambda f: (f / "r1.events").write_bytes(b"[1]\n\xff\n"), "events are not those"),
    "another's events": (
        lambda f: (f / "r1.events").write_bytes((f / "r2.events").read_bytes()),
        "events are not those",
    ),
    "one in place of another": (
        lambda f: [(f / f"r1{end}").write_bytes((f / f"r2{end}").read_bytes()) for end in PARTS],
        "renamed",
    ),
}


@pytest.mark.parametrize("hand", HANDS)
def test_whatever_was_done_to_a_file_is_altered_and_the_others_still_hold(
    registry: Registry, folder: Path, hand: str
) -> None:
    act, why = HANDS[hand]
    act(folder)
    first, second = check(folder, known(registry))
    assert (first.verdict, second.verdict) == ("altered", "holds")
    assert why in first.detail


def test_a_strength_the_record_does_not_bear_out_is_altered_though_the_performer_signed_it(
    registry: Registry, folder: Path
) -> None:
    stated = json.loads((folder / "r2.json").read_text())["strength"]
    text, signature = forged((folder / "r2.json").read_text(), registry.signer, strength=stated | {"machine": "M4"})
    found = check_record("r2", text, signature, known(registry))
    assert (found.verdict, found.detail) == ("altered", "its strength does not follow from what it says")


def test_a_record_that_is_not_in_canonical_form_is_altered(registry: Registry, folder: Path) -> None:
    text = json.dumps(json.loads((folder / "r1.json").read_text())).encode()
    found = check_record("r1", text, registry.signer.sign(NAMESPACE, text), known(registry))
    assert (found.verdict, found.detail) == ("altered", "it is not in canonical form")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text("abc", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3),
    max_leaves=6,
)
PART = st.sampled_from(["performer", "id", "strength", "outcome", "env", "op", "tool", "schema"])


@QUICK
@given(part=PART, value=JSON)
def test_a_signed_record_of_a_strange_shape_is_altered_and_no_other_error(
    registry: Registry, folder: Path, part: str, value: Any
) -> None:
    text, signature = forged((folder / "r1.json").read_text(), registry.signer, **{part: value})
    (folder / "r1.json").write_bytes(text)
    old = (folder / "r1.json.sig").read_text()
    (folder / "r1.json.sig").write_text(signature)
    assert check(folder, known(registry))[0].verdict in ("altered", "holds")
    (folder / "r1.json").write_bytes(registry.ledger.document("r1", NAMESPACE).text.encode())  # type: ignore[union-attr]
    (folder / "r1.json.sig").write_text(old)


@pytest.mark.parametrize("text", [b"", b"[]", b"null", b"7", b'"x"', b"{}", b"\xff", b"[" * 100_000, b"NaN", b"1e999"])
def test_signed_nonsense_is_altered_and_no_other_error(registry: Registry, folder: Path, text: bytes) -> None:
    (folder / "r1.json").write_bytes(text)
    (folder / "r1.json.sig").write_text(registry.signer.sign(NAMESPACE, text))
    assert check(folder, known(registry))[0].verdict == "altered"


def test_names_leave_only_when_asked_for_and_then_privately(registry: Registry, folder: Path, tmp_path: Path) -> None:
    everything = b"".join(file.read_bytes() for file in folder.iterdir())
    assert not any(name in everything for name in (b"Amy", b"amy.ng", b"apprentice1", b"amelia"))
    export(registry.ledger, ["r1"], tmp_path / "named", PERSON, with_names=True)
    private = tmp_path / "named" / "r1.private.json"
    assert private.stat().st_mode & 0o777 == 0o600
    texts = json.loads(private.read_text())
    assert any("Amy" in text for text in texts)
    public = "".join(registry.ledger.texts("r1"))
    assert all(hashlib.sha256(text.encode()).hexdigest() in public for text in texts)


def test_after_erasing_an_export_still_holds_and_has_no_names_to_give(registry: Registry, tmp_path: Path) -> None:
    registry.ledger.erase("r1")
    export(registry.ledger, ["r1"], tmp_path / "after", PERSON, with_names=True)
    assert json.loads((tmp_path / "after" / "r1.private.json").read_text()) == []
    assert [one.verdict for one in check(tmp_path / "after", known(registry))] == ["holds"]


def test_an_export_overwrites_nothing_and_needs_something_to_export(registry: Registry, folder: Path) -> None:
    with pytest.raises(InvalidRequest, match="exists already"):
        export(registry.ledger, ["r1"], folder, PERSON)
    with pytest.raises(NotFound, match="no record to export"):
        export(registry.ledger, ["r9"], folder / "new", PERSON)
    with pytest.raises(InvalidRequest, match="cannot be made"):
        export(registry.ledger, ["r1"], folder / "r1.json" / "new", PERSON)
    with pytest.raises(NotFound, match="holds no records"):
        check(folder.parent, {})


def test_the_public_key_file_is_one_openssh_reads(registry: Registry, folder: Path) -> None:
    assert fingerprint(registry.signer.public) in ssh("-lf", folder / "performer.pub").stdout.decode()
    kind, encoded = (folder / "performer.pub").read_text().split()
    assert (kind, base64.b64decode(encoded)) == ("ssh-ed25519", registry.signer.public)


def test_a_damaged_signature_in_the_ledger_cannot_be_exported_as_good(registry: Registry, tmp_path: Path) -> None:
    db = registry.ledger._store.db
    db.execute("drop trigger documents_no_update")
    db.execute("update documents set text = replace(text, 'refused', 'verified') where run = 'r2'")
    with pytest.raises(EvidenceInvalid, match="not what was signed"):
        export(registry.ledger, ["r2"], tmp_path / "bad", PERSON)
