"""A second sweep reads and appends only what changed, and its reports say what became of each finding."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from simulated_site import failing, native
from two_sweeps import TwoSweeps

from itsm_bridge.reports.console import ConsoleReport
from itsm_bridge.reports.html import HtmlReport
from itsm_bridge.reports.json_report import document
from itsm_bridge.store.store import open_existing
from itsm_bridge_servicenow.streams import BY_NAME, STREAMS
from itsm_bridge_servicenow.testing.company.choices import AWAITING_PARTS

pytestmark = pytest.mark.xdist_group("the seeded company")

NOT_NEEDED = "metric_instance"  # the history itself is there
READ = [stream.name for stream in STREAMS if stream.name != NOT_NEEDED]
BUSY = ("incident", "sc_req_item", "task_sla", "sys_audit", "sys_journal_field")


@pytest.fixture(scope="module")
def became(swept: TwoSweeps) -> dict[str, set[tuple[str, str]]]:
    """(check, sys_id) by what the second report says of it."""
    found: dict[str, set[tuple[str, str]]] = {}
    for row in swept.second.view.findings.to_pylist():
        found.setdefault(row["status"], set()).add((row["check_id"], native(row["work_item_id"] or row["subject"])))
    return found


def test_every_planted_nonconformity_is_found_and_nothing_else(swept: TwoSweeps) -> None:
    assert failing(swept.first.view) == swept.company.planted


def test_both_sweeps_are_complete(swept: TwoSweeps) -> None:
    for sweep in (swept.first, swept.second):
        assert sweep.synced.incomplete == []
        assert (sweep.view.gaps, sweep.view.problems, sweep.view.exit_code) == ((), (), 1)


def test_nothing_but_the_planted_states_is_unmapped(swept: TwoSweeps) -> None:
    unmapped = {table: about["unmapped"] for table, about in swept.first.streams.items() if about["unmapped"]}
    parked = swept.company.planted["DQ-007"]
    entries = [row for row in swept.first.meant("sys_audit").values() if row["documentkey"] in parked]
    states = [row for row in entries if row["fieldname"] == "state" and row["newvalue"] == AWAITING_PARTS]
    assert unmapped == {"incident": len(parked), "sys_audit": len(states)}


# -- what is read and written ---------------------------------------------------------------------------


def test_a_second_sync_receives_what_is_newer_than_the_cursor_less_an_hour(swept: TwoSweeps) -> None:
    expected = {}
    for table in READ:
        cursor = datetime.fromisoformat(str(swept.first.streams[table]["cursor"]))
        since = f"{cursor - timedelta(hours=1):%Y-%m-%d %H:%M:%S}"
        expected[table] = sum(row[BY_NAME[table].cursor] >= since for row in swept.second.meant(table).values())
    assert {table: swept.second.streams[table]["received"] for table in READ} == expected


def test_a_second_sync_appends_what_really_changed(swept: TwoSweeps) -> None:
    appended = {table: swept.second.streams[table]["appended"] for table in READ}
    deleted = {table: swept.second.streams[table]["deleted"] for table in READ if BY_NAME[table].has_census}
    assert appended == {table: len(swept.changed(table)) for table in READ}
    assert deleted == {table: len(swept.gone(table)) for table in deleted}
    assert appended["incident"] > 0
    assert deleted["incident"] == 1


def test_a_second_sync_is_a_fraction_of_the_first(swept: TwoSweeps) -> None:
    assert swept.second.synced.received < swept.first.synced.received / 10
    assert swept.second.synced.appended < swept.first.synced.appended / 50
    for table in BUSY:
        samples = 2 * 100  # looked at beforehand: which fields show, and whether rows come in order
        again = swept.second.records_handed_out(table) - samples
        assert again < (swept.first.records_handed_out(table) - samples) / 5, table


def test_no_stream_is_asked_for_everything_again(swept: TwoSweeps) -> None:
    for request in swept.second.requests:
        is_page = request.about in BUSY and "ORDERBY" in request.parameters.get("sysparm_query", "")
        if is_page and request.parameters["sysparm_fields"] != "sys_id":
            field = BY_NAME[request.about].cursor
            assert f"{field}>=" in request.parameters["sysparm_query"] or request.rows == 0, request


def test_the_common_schema_gets_a_version_of_each_record_that_changed(swept: TwoSweeps) -> None:
    bridge, store = swept.site.open(), open_existing(swept.site.config.store.path)
    for table in ("work_item", "transition", "sla_instance"):
        key = f"{table}_id"
        before, after = (bridge.load(table, as_of=number).astype(object).set_index(key) for number in (1, 2))
        common = before.index.intersection(after.index)
        old, new = before.loc[common].fillna("–"), after.loc[common].fillna("–")
        changed = int((old != new).any(axis=1).sum()) + len(before.index.symmetric_difference(after.index))
        written = store.canonical_log(table).dataset().to_table(["_snapshot"])["_snapshot"].to_pylist()
        assert Counter(written) == {1: len(before), 2: changed}, table


# -- what the second report says ------------------------------------------------------------------------


def test_what_is_new_is_what_went_wrong_since(swept: TwoSweeps, became: dict[str, set[tuple[str, str]]]) -> None:
    assert became["new"] == {(check, key) for check, keys in swept.planted.items() for key in keys}


def test_what_was_put_right_is_resolved(swept: TwoSweeps, became: dict[str, set[tuple[str, str]]]) -> None:
    assert became["resolved"] == {("INC-003", swept.mended)}


def test_what_left_the_scope_is_gone_and_the_rest_persists(
    swept: TwoSweeps, became: dict[str, set[tuple[str, str]]]
) -> None:
    before = {(check, key) for check, keys in failing(swept.first.view).items() for key in keys}
    deleted = swept.gone("incident")
    solved = {key for key, row in swept.second.truth["incident"].items() if row["state"] == "6"}
    assert became.get("gone", set()) | became["resolved"] | became["persisting"] == before
    assert all(key in deleted or (check == "INC-009" and key in solved) for check, key in became["gone"])
    assert {*became} == {"new", "persisting", "resolved", "gone"}


def test_every_report_says_so(swept: TwoSweeps, tmp_path: Path) -> None:
    view = swept.second.view
    numbers = Counter(view.findings["status"].to_pylist())
    told = document(view)
    assert told["assessment"]["compared_with"] == 1
    assert {name: n for name, n in told["verdict"]["findings"]["by_status"].items() if n} == numbers
    assert [f["check_id"] for f in told["findings"] if f["status"] == "resolved"] == ["INC-003"]
    ConsoleReport().write(view, tmp_path / "console.txt")
    console = (tmp_path / "console.txt").read_text(encoding="utf-8")
    assert "Since assessment 1" in console
    assert all(f"{n} {name}" in console for name, n in numbers.items())
    HtmlReport().write(view, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    fresh = {row["number"] for row in view.findings.to_pylist() if row["status"] == "new"}
    assert fresh
    assert all(number in page for number in fresh if number)
    assert "Since assessment 1" in page


def test_the_first_report_compares_with_nothing(swept: TwoSweeps, tmp_path: Path) -> None:
    ConsoleReport().write(swept.first.view, tmp_path / "console.txt")
    assert document(swept.first.view)["assessment"]["compared_with"] is None
    assert "Since assessment" not in (tmp_path / "console.txt").read_text(encoding="utf-8")
    assert json.dumps(document(swept.first.view)["verdict"]["findings"]["by_status"]).count("0") >= 4
