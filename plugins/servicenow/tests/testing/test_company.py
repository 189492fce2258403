"""The seeded company keeps its promises."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from itertools import pairwise

import holidays

from itsm_bridge_servicenow.testing import SCHEDULE_BUSINESS, Company, seeded_company

CHECKS = {
    *(f"INC-{number:03}" for number in range(1, 17)),
    *(f"SRQ-{number:03}" for number in range(1, 7)),
    *(f"PRB-{number:03}" for number in range(1, 11)),
    *(f"CHG-{number:03}" for number in range(1, 25)),
    *(f"SLM-{number:03}" for number in (*range(1, 10), 11, 12, 13)),
    *(f"DQ-{number:03}" for number in range(1, 9)),
    *(f"REL-{number:03}" for number in range(1, 7)),
    "AVL-001", "AVL-002", "CAT-001", "CFG-001", "CFG-002", "CFG-003", "CFG-004", "CFG-005", "CFG-006", "CON-001", "SEC-001",
    "SUP-001", "SUP-002", "SUP-005",
}  # fmt: skip
WORK = ("incident", "problem", "change_request", "rm_release", "sc_req_item")
OTHERS = (
    "cmdb_ci_service", "cmdb_ci_outage", "contract_sla", "sc_cat_item",
    "cmdb_ci_server", "cmdb_ci_netgear", "cmdb_ci_appl", "cmdb_ci_database", "sys_audit",
)  # fmt: skip
"""What checks judge that are no records of work."""
LATE = {"CON-001"}
"""Checks that judge a record only months after it was closed."""


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_every_check_has_something_to_find_and_nothing_is_planted_out_of_place(company: Company) -> None:
    keys = {row["sys_id"] for table in (*WORK, *OTHERS) for row in company.tables[table]}
    assert set(company.planted) == CHECKS
    assert all(found and found <= keys for found in company.planted.values())


def test_most_records_are_right(company: Company) -> None:
    sizes = {table: len(company.tables[table]) for table in WORK}
    wrong = set.union(*company.planted.values())
    assert 4800 <= sum(sizes.values()) <= 5000
    assert len(wrong) < 0.08 * sum(sizes.values())


def test_the_same_arguments_give_the_same_company(company: Company) -> None:
    assert seeded_company(now=company.now, size=300) == seeded_company(now=company.now, size=300)
    assert seeded_company(now=company.now, size=300) != seeded_company(seed=8, now=company.now, size=300)


def test_nothing_lies_in_the_future_but_plans(company: Company) -> None:
    now = company.now.strftime("%Y-%m-%d %H:%M:%S")
    written = ("sys_created_on", "sys_updated_on", "opened_at", "closed_at")
    late = [
        (table, name)
        for table, rows in company.tables.items()
        for row in rows
        for name in written
        if row.get(name, "") > now
    ]
    assert late == []


def test_ids_are_unique_within_a_table(company: Company) -> None:
    for table, rows in company.tables.items():
        assert max(Counter(row["sys_id"] for row in rows).values()) == 1, table


def test_history_is_one_chain_from_creation_to_now(company: Company) -> None:
    history = defaultdict(list)
    for entry in company.tables["sys_audit"]:
        if entry["fieldname"] == "state":
            history[entry["documentkey"]].append(
                (int(entry["record_checkpoint"]), entry["oldvalue"], entry["newvalue"])
            )
    for table in WORK:
        for row in company.tables[table]:
            chain = sorted(history[row["sys_id"]])
            is_whole = all(before[2] == after[1] for before, after in pairwise(chain))
            is_whole &= not chain or chain[-1][2] == row["state"]
            assert is_whole or row["sys_id"] in company.planted["DQ-004"]


def test_every_update_has_left_its_checkpoint(company: Company) -> None:
    seen = defaultdict(set)
    for entry in company.tables["sys_audit"]:
        seen[entry["documentkey"]].add(entry["record_checkpoint"])
    for table in WORK:
        for row in company.tables[table]:
            if row["sys_id"] not in company.planted["DQ-004"]:
                assert len(seen[row["sys_id"]]) == int(row["sys_mod_count"])


def _open_seconds(start: datetime, end: datetime) -> float:
    """Return working seconds by brute force, hour by hour in Berlin; independent of the company's own arithmetic."""
    from zoneinfo import ZoneInfo

    zone = ZoneInfo("Europe/Berlin")
    free = holidays.country_holidays("DE", years=range(start.year, end.year + 1))
    low, high = start.replace(tzinfo=ZoneInfo("UTC")), end.replace(tzinfo=ZoneInfo("UTC"))
    day, total = low.astimezone(zone).date(), 0.0
    while day <= high.astimezone(zone).date():
        if day.weekday() < 5 and day not in free:
            opens = datetime(day.year, day.month, day.day, 8, tzinfo=zone)
            closes = datetime(day.year, day.month, day.day, 18, tzinfo=zone)
            total += max(0.0, (min(high, closes) - max(low, opens)).total_seconds())
        day += timedelta(days=1)
    return total


def test_what_clocks_claim_follows_from_history(company: Company) -> None:
    definitions = {row["sys_id"]: row for row in company.tables["contract_sla"]}
    states = defaultdict(list)
    for entry in company.tables["sys_audit"]:
        if entry["fieldname"] == "state" and entry["tablename"] == "incident":
            states[entry["documentkey"]].append((at(entry["sys_created_on"]), entry["newvalue"]))
    wrong = set()
    for clock in company.tables["task_sla"]:
        definition = definitions[clock["sla"]]
        if clock["stage"] != "completed" or definition["collection"] != "incident":
            continue
        end, steps = at(clock["end_time"]), states[clock["task"]]
        spans = [(at(clock["start_time"]), end, 1)]
        for (begun, state), (following, _) in pairwise([*steps, (end, "")]):
            if state in ("3", "6", "7") and begun < end:
                spans.append((begun, min(following, end), -1))
        is_business = clock["schedule"] == SCHEDULE_BUSINESS
        elapsed = sum(
            sign * (_open_seconds(low, high) if is_business else (high - low).total_seconds())
            for low, high, sign in spans
        )
        goal = (at(definition["duration"]) - datetime(1970, 1, 1)).total_seconds()
        claimed = (at(clock["business_duration"]) - datetime(1970, 1, 1)).total_seconds()
        if abs(elapsed - claimed) > 1 or (elapsed > goal) != (clock["has_breached"] == "true"):
            wrong.add(clock["task"])
    assert company.planted["SLM-004"] <= wrong <= company.planted["SLM-004"] | company.planted["DQ-004"]


def test_priorities_follow_the_matrix(company: Company) -> None:
    matrix = {"11": "1", "12": "2", "13": "3", "21": "2", "22": "3", "23": "4", "31": "3", "32": "4", "33": "5"}
    wrong = {
        row["sys_id"]
        for row in company.tables["incident"]
        if row["urgency"] and matrix[row["impact"] + row["urgency"]] != row["priority"]
    }
    assert wrong == company.planted["INC-003"]


def test_recent_plants_lie_within_the_last_month(company: Company) -> None:
    rows = {row["sys_id"]: row for table in WORK for row in company.tables[table]}
    since = (company.now - timedelta(days=30)).strftime("%Y-%m-%d")
    for check, keys in company.planted.items():
        known = [rows[key] for key in keys if key in rows]
        assert check in LATE or not known or any(row["sys_updated_on"] >= since for row in known), check


def test_texts_include_what_no_program_expects(company: Company) -> None:
    titles = "\n".join(row["short_description"] for row in company.tables["incident"])
    labels = "\n".join(row["label"] for row in company.tables["sys_choice"])
    assert all(part in titles for part in ("<script>", "=cmd|", "\x1b[", "^NQ", "プリンター"))
    assert "<script>" in labels
    assert any(row["label"] == "Awaiting parts" for row in company.tables["sys_choice"])


def test_the_same_comes_back_within_a_month_only_where_it_is_meant_to(company: Company) -> None:
    alike: defaultdict[tuple[str, ...], list[datetime]] = defaultdict(list)
    told = {"PRB-001", "CFG-001", "AVL-001", "INC-012"}  # what they are about is chosen for them
    apart = set.union(*(company.planted.get(check, set()) for check in told))
    for row in company.tables["incident"]:
        if row["sys_id"] not in apart and row["cmdb_ci"] not in company.planted["PRB-001"] and row["state"] != "8":
            alike[row["business_service"], row["category"], row["cmdb_ci"]].append(at(row["opened_at"]))
    for moments in alike.values():
        moments.sort()
        assert all(later - first > timedelta(days=30) for first, later in zip(moments, moments[4:], strict=False))
