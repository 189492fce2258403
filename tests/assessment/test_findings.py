"""One identity for one failing record, and what became of it over assessments."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from itsm_bridge.assessment.findings import FINDING, Scope, compare, finding_id, latest, standing, watched
from itsm_bridge.checking.frame import FINDINGS, Verdict

SEVERITIES = {"INC-001": "minor", "CHG-002": "major"}


def assess(
    number: int, rows: list[dict[str, Any]], earlier: pa.Table | None = None, scope: Scope | None = None
) -> pa.Table:
    failing = pa.Table.from_pylist(rows, schema=FINDINGS)
    return compare(failing, earlier, scope or Scope(), number=number, severities=SEVERITIES)


def statuses(findings: pa.Table) -> dict[str, str]:
    return dict(zip(findings.column("subject").to_pylist(), findings.column("status").to_pylist(), strict=True))


def test_the_identity_ignores_message_severity_evidence_and_waivers(make: Any) -> None:
    one = assess(1, [make.finding(message="a", evidence='{"x": 1}')])
    other = compare(
        pa.Table.from_pylist([make.finding(message="b", evidence=None, is_waived=True)], schema=FINDINGS),
        None, Scope(), number=9, severities={"INC-001": "ofi"},
    )  # fmt: skip

    assert one.column("finding_id") == other.column("finding_id")


def test_the_identity_tells_check_source_record_and_discriminator_apart() -> None:
    names = [
        finding_id("INC-001", "a", "a:work_item:1", "1"), finding_id("INC-002", "a", "a:work_item:1", "1"),
        finding_id("INC-001", "b", "a:work_item:1", "1"), finding_id("INC-001", "a", None, "1"),
        finding_id("INC-001", "a", "a:work_item:1", "2"), finding_id("INC-001", "a", "a:work_item:11", ""),
    ]  # fmt: skip

    assert len(set(names)) == len(names)
    assert finding_id("INC-001", "a", "a:work_item:1", "1") == "79608c0a350e9bd2be5f2ea9c5583cdc"


def test_the_table_has_the_columns_of_the_schema_and_one_row_per_identity(make: Any) -> None:
    findings = assess(3, [make.finding(), make.finding()])

    assert findings.schema == FINDING
    assert findings.num_rows == 1
    assert findings.column("assessment").to_pylist() == [3]


def test_what_is_found_is_new_once_and_persists_then(make: Any) -> None:
    first = assess(1, [make.finding(subject="a")])
    second = assess(2, [make.finding(subject="a"), make.finding(subject="b")], latest(first))

    assert statuses(first) == {"a": "new"}
    assert statuses(second) == {"a": "persisting", "b": "new"}


def test_what_is_no_longer_found_is_resolved_only_when_it_was_judged_and_passes(make: Any) -> None:
    first = assess(1, [make.finding(subject=name) for name in ("passes", "blind", "left")])
    scope = Scope(verdicts={("INC-001", "passes"): "pass", ("INC-001", "blind"): "not_assessable"})

    second = assess(2, [], latest(first), scope)

    assert statuses(second) == {"passes": "resolved", "blind": "unverified", "left": "gone"}


def test_with_an_accepted_gap_what_passes_is_resolved_and_what_cannot_be_seen_is_unverified(make: Any) -> None:
    first = assess(1, [make.finding(subject="passes"), make.finding(subject="unseen")])
    pairs = frozenset({("prod", "INC-001")})
    scope = Scope({("INC-001", "passes"): "pass"}, incomplete=pairs, accepted=pairs)

    assert statuses(assess(2, [], first, scope)) == {"passes": "resolved", "unseen": "unverified"}


def test_the_checks_are_asked_about_findings_that_may_still_stand(make: Any) -> None:
    first = assess(1, [make.finding(subject="a"), make.finding("CHG-002", subject="b")])
    second = assess(2, [make.finding(subject="a")], first)

    assert watched(None) == {}
    assert watched(first) == {"INC-001": {"a"}, "CHG-002": {"b"}}
    assert watched(latest(pa.concat_tables([first, second]))) == {"INC-001": {"a"}}


def test_nothing_is_resolved_while_the_source_is_incomplete_or_the_check_did_not_run(make: Any) -> None:
    first = assess(1, [make.finding(subject="a"), make.finding("CHG-002", subject="b")])
    verdicts: dict[tuple[str, str], Verdict] = {("INC-001", "a"): "pass", ("CHG-002", "b"): "pass"}
    scope = Scope(verdicts, incomplete=frozenset({("prod", "INC-001")}), unjudged=frozenset({"CHG-002"}))

    assert statuses(assess(2, [], first, scope)) == {"a": "unverified", "b": "unverified"}


def test_what_could_not_be_verified_stays_open_until_it_is(make: Any) -> None:
    first = assess(1, [make.finding(subject="a")])
    second = assess(2, [], latest(first), Scope(unjudged=frozenset({"INC-001"})))
    history = latest(pa.concat_tables([first, second]))

    assert statuses(assess(3, [make.finding(subject="a")], history)) == {"a": "persisting"}
    assert statuses(assess(3, [], history, Scope({("INC-001", "a"): "pass"}))) == {"a": "resolved"}


def test_what_comes_back_after_it_was_resolved_or_gone_is_reopened(make: Any) -> None:
    first = assess(1, [make.finding(subject="a"), make.finding(subject="b")])
    second = assess(2, [], latest(first), Scope({("INC-001", "a"): "pass"}))
    third = assess(3, [], latest(pa.concat_tables([first, second])))
    history = latest(pa.concat_tables([first, second, third]))

    assert third.num_rows == 0
    assert statuses(assess(4, [make.finding(subject="a"), make.finding(subject="b")], history)) == {
        "a": "reopened", "b": "reopened",
    }  # fmt: skip


def test_departed_findings_carry_what_was_known_and_the_past_is_left_alone(make: Any) -> None:
    first = assess(1, [make.finding(subject="a", message="no owner", number="INC7")])
    before = first.to_pylist()

    row = assess(2, [], latest(first)).to_pylist()[0]

    assert (row["number"], row["message"], row["assessment"]) == ("INC7", "no owner", 2)
    assert first.to_pylist() == before


def test_standing_findings_leave_out_waived_suppressed_and_departed_ones(make: Any) -> None:
    first = assess(1, [make.finding(subject="departed")])
    rows = [
        make.finding(subject="stands"), make.finding(subject="waived", is_waived=True),
        make.finding(subject="explained", suppressed_by="CHG-002"),
    ]  # fmt: skip

    assert statuses(standing(assess(2, rows, first))) == {"stands": "new"}
