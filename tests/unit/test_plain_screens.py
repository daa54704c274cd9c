"""Whatever a target, a tool or a file says: on the screen it moves no cursor, and looks like no line of ours."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from inventory.backup.model import Backups, System
from ops.cli import access, auditing, backup_matrix, backup_watching
from ops.cli.errors import bug, fail
from ops.cli.options import Options
from ops.cli.tracing import Traced
from ops.errors import Refused
from ops.finding import Finding, Seen, Source, Verdict

SAID = st.text(st.sampled_from("ab \n\r\t\x1b\x07\x9b\u2028\u202e") | st.characters(), max_size=20)
OF = datetime(2026, 3, 1, tzinfo=UTC)


def findings(text: str) -> tuple[Finding, ...]:
    return (Finding(text, text, text, Verdict.FAIL, text, text, (Source(text, OF),)),)


def parts(text: str) -> tuple[tuple[Finding, ...], tuple[Seen, ...]]:
    return findings(text), (Seen(1, text, (text, text)),)


def matrix(text: str) -> None:
    day = timedelta(days=1)
    plan = Backups({text: System(text, text, 1, day, day, text, text)}, {}, ())
    (one,) = findings(text)
    backup_matrix.matrix(plan, [one, replace(one, rule="freshness"), replace(one, rule="structure")])


def screens(text: str) -> dict[str, Callable[[], object]]:
    return {
        "an audit": lambda: auditing.tell(*parts(text), "R", Options()),
        "backups": lambda: matrix(text),
        "a watch": lambda: print(backup_watching.line(Verdict.FAIL, findings(text), "R")),
        "access": lambda: access.tell_access(text, "R", parts(text)),
        "what is kept": lambda: access.tell_kept(text, "R", parts(text)),
        "traces": lambda: access.tell_traces(Traced(text, "R", parts(text))),
        "an error": lambda: fail(Refused(text, hint=text), as_json=False),
    }


def shown(act: Callable[[], object]) -> str:
    with StringIO(newline="") as kept, redirect_stdout(kept), redirect_stderr(kept):
        act()
        return kept.getvalue()


@pytest.mark.parametrize("screen", screens(""))
@given(SAID)
@example("a\x1b]0;PWNED\x07")
@example("b\nPASS homes all is well")
def test_no_text_can_steer_a_terminal_or_begin_a_line(screen: str, text: str) -> None:
    said, harmless = (shown(screens(f"x{one}")[screen]) for one in (text, ""))
    assert not {one for char in said if (one := unicodedata.category(char)) in ("Cc", "Zl", "Zp") and char != "\n"}
    assert "\u202e" not in said
    assert said.count("\n") == harmless.count("\n")


@given(SAID)
def test_nor_does_it_where_somebody_wants_to_see_where_an_error_came_from(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPS_DEBUG", "1")
        said = shown(lambda: fail(bug_of(text), as_json=False))
    assert "ValueError" in said
    assert not {char for char in said if unicodedata.category(char) == "Cc" and char != "\n"}


def bug_of(text: str) -> Refused:
    try:
        raise ValueError(text)
    except ValueError as error:
        found = Refused(str(bug(error)))
        found.__cause__ = error
        return found
