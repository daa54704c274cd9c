"""Consumables and budgets by the command line: what is too few and what is overspent, told alike by all who look."""

from __future__ import annotations

from pathlib import Path

from tests.workspace import bare


def test_too_few_and_overspent_are_the_same_in_lists_and_in_the_audit(tmp_path: Path) -> None:
    desk = bare(tmp_path / "desk", "lead")
    for words in (
        ("budget", "set", "it/2026", "1.000,00", "EUR"),
        ("consumable", "add", "toner", "Toner black", "--on-hand", "3", "--reorder-at", "2", "--unit-cost", "89,50",
         "--currency", "EUR"),
        ("consumable", "add", "cable", "Cable", "--on-hand", "3"),
        ("consumable", "restock", "toner", "10", "--budget", "it/2026", "--unit-cost", "99,90"),
        ("consumable", "take", "toner", "--quantity", "11"),
        ("budget", "spend", "it/2026", "1,50", "stamps", "--day", "24.11.2026"),
    ):  # fmt: skip
        done = desk.ops(*words, "--yes")
        assert done.code == 0, done.err
    things = {one["key"]: one for one in desk.ops("consumable", "show", "--json").json["consumables"]}
    assert {key: (one["on_hand"], one["too_few"]) for key, one in things.items()} == {
        "toner": ("2", "yes"),
        "cable": ("3", "no"),
    }
    (budget,) = desk.ops("budget", "show", "--json").json["budgets"]
    assert (budget["amount"], budget["spent"], budget["left"]) == ("1000.00", "1000.50", "-0.50")
    audit = desk.ops("audit", "run", "estate.register", "--json").json
    told = {one["rule"]: one["because"] for one in audit["findings"] if one["rule"] in ("too few", "budget")}
    assert told == {
        "too few": "2 left of Toner black, to be ordered at 2",
        "budget": "1000.50 spent of 1000.00 EUR",
    }
