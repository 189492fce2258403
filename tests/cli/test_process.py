"""`itsm-bridge process` over three incidents of files: one kept the order, one broke it, one still waits."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from typer.testing import Result

import itsm_bridge

Run = Callable[..., Result]
HOSTILE = "INC<script>alert(1)</script>[red]"
STEPS = {
    "1": ("new", "in_progress", "resolved", "closed"), "2": ("new", "closed"), "3": ("new", "pending"),
}  # fmt: skip
NUMBERS = {"1": "INC1", "2": HOSTILE, "3": "INC3"}
OWN = """
process = "incident"

[[constraints]]
id = "starts_before_it_waits"
title = "Nothing waits before work began"
template = "precedence"
record_types = ["incident"]
a = ["start"]
b = ["pend"]
why = "Who waits should know what for."
"""


@pytest.fixture
def told(configured: Path) -> Path:
    """Three incidents with their history, and a rule of the site's own."""
    opened = "2026-01-05T09:00:00Z"
    items = ["work_item_id,record_type,source_key,number,state,opened_at,created_at,updated_at"]
    events = ["transition_id,work_item_id,at,seq,field,old_value,new_value,origin"]
    for name, states in STEPS.items():
        items.append(f"{name},incident,{name},{NUMBERS[name]},{states[-1]},{opened},{opened},{opened}")
        for n, (old, new) in enumerate(pairwise(states), 1):
            events.append(f"{name}-{n},{name},2026-01-05T1{n}:00:00Z,{n},state,{old},{new},native")
    (configured.parent / "in" / "work_item.csv").write_text("\n".join(items) + "\n", encoding="utf-8")
    (configured.parent / "in" / "transition.csv").write_text("\n".join(events) + "\n", encoding="utf-8")
    (configured.parent / "rules").mkdir()
    (configured.parent / "rules" / "own.toml").write_text(OWN, encoding="utf-8")
    text = configured.read_text(encoding="utf-8").replace('"work_item"]', '"work_item", "transition"]')
    text = text.replace("process = false", "process = true")
    configured.write_text(text.replace("[assessment]\n", '[assessment]\nconstraints = ["rules"]\n'), encoding="utf-8")
    return configured


def test_paths_steps_and_rules_are_shown_to_people_programs_and_analysts(
    run: Run, told: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("process", "variants").exit_code == 3  # no store yet
    assert run("sweep").exit_code in (0, 1, 3)

    paths = json.loads(run("process", "variants", "--json").stdout)
    (records,) = paths["records"]
    assert {name: records[name] for name in ("records", "complete", "still_open", "without_history")} == {
        "records": 3, "complete": 2, "still_open": 1, "without_history": 0,
    }  # fmt: skip
    assert [(row["path"], row["share"]) for row in paths["variants"]] == [
        ("new → closed", 0.5), ("new → in_progress → resolved → closed", 0.5),
    ]  # fmt: skip
    shown = run("process", "variants", "--top", "1", columns=160).stdout
    assert "new → closed" in shown
    assert "in_progress" not in shown

    steps = json.loads(run("process", "steps", "--json").stdout)
    (line,) = steps["conformance"]
    assert (line["steps"], line["allowed"], line["not_allowed"], line["following"], line["records"]) == (5, 4, 1, 2, 3)
    assert "new → closed" in run("process", "steps", columns=160).stdout

    rules = {row["constraint_id"]: row for row in json.loads(run("process", "constraints", "--json").stdout)}
    assert rules["resolve_before_close"]["violated"] == rules["starts_before_it_waits"]["violated"] == 1
    assert rules["waiting_ends"]["pending"] == 1
    shown = run("process", "constraints", "--type", "incident", columns=160).stdout
    assert "starts_before_it_waits" in shown
    assert "more have no record in scope" in shown
    assert "approve_before" not in shown

    bridge = itsm_bridge.open(told)
    assert bridge.variants()["records"].sum() == 2
    assert bridge.steps()["steps"].sum() == 5
    frame = bridge.constraints()
    assert frame[frame["constraint_id"] == "resolve_before_close"]["violated"].tolist() == [1, 1]

    about = run("process", "show", "resolve_before_close", columns=160).stdout
    assert "precedence(resolve, close)" in about
    assert HOSTILE in about  # as it is: nothing in it is read as markup
    assert "did you mean 'resolve_before_close'" in run("process", "show", "resolve_before_closing").stderr
    own = json.loads(run("process", "show", "starts_before_it_waits", "--json").stdout)
    assert (own["formula"], own["standing"][0]["in_scope"]) == ("precedence(start, pend)", 3)

    page = next((told.parent / "itsm-bridge-reports").glob("*.html")).read_text(encoding="utf-8")
    section = page.partition('<section id="process"')[2].partition("</section>")[0]
    assert "2 ended with a known path in 2 variants, 1 still open, 0 without a readable history" in section
    assert "Nothing waits before work began" in section
    assert "INC&lt;script&gt;alert(1)" in section
    assert "<script>alert" not in page

    # A nightly sweep may leave it out; who asks for it gets it nevertheless.
    monkeypatch.setenv("ITSM_BRIDGE_REPORT__PROCESS", "false")
    run("report")
    lean, asked = next((told.parent / "itsm-bridge-reports").glob("*.html")), told.parent / "asked.html"
    run("report", "--format", "html", "--output", str(asked))
    left_out = "Left out of this report by <code>process = false</code>"
    assert [left_out in path.read_text(encoding="utf-8") for path in (lean, asked)] == [True, False]
    assert section in asked.read_text(encoding="utf-8")

    # Rules are kept with the assessment that they were read for.
    (told.parent / "rules" / "own.toml").write_text(OWN.replace("starts_before", "begun_before"), encoding="utf-8")
    kept = json.loads(run("process", "constraints", "--json").stdout)
    assert {"starts_before_it_waits"} == {row["constraint_id"] for row in kept} & {own["id"], "begun_before_it_waits"}


def test_a_rule_that_is_wrong_stops_the_check_with_its_place(run: Run, told: Path) -> None:
    (told.parent / "rules" / "own.toml").write_text(OWN.replace("precedence", "presedence"), encoding="utf-8")
    failed = run("sweep")
    assert failed.exit_code == 2
    assert "did you mean 'precedence'" in failed.stderr
