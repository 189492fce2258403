"""What a check needs follows from its SQL, through the views, down to the columns of the schema."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from itsm_bridge.checking import Check, needs
from itsm_bridge.checking.views import plan, records_of, relations, views
from itsm_bridge.schema import TABLES

from .conftest import built_in

CheckOf = Callable[..., Check]


@pytest.mark.parametrize(
    ("check_id", "capabilities"),
    [
        ("INC-001", set()),
        ("INC-002", set()),  # asks itself whether the source has impact and urgency
        ("INC-003", {"field.impact", "field.urgency"}),
        ("INC-004", {"history.state"}),
        ("INC-008", {"history.group"}),
        ("CHG-002", {"approval.rollup", "history.state", "change.type"}),
        ("CHG-003", {"approval.rollup", "history.state", "change.type"}),
        ("CHG-004", {"approval.rollup", "history.state", "history.fields", "change.risk", "change.type"}),
        ("CHG-006", {"approval.vote", "history.state", "change.type"}),
        ("PRB-002", {"relation.types"}),
        ("SLM-004", {"sla.claim", "sla.calendar", "history.state"}),
        ("SLM-007", {"history.priority", "history.fields", "sla.claim", "sla.original_due"}),
        ("DQ-009", set()),
    ],
)
def test_capabilities_follow_from_the_sql(check_id: str, capabilities: set[str]) -> None:
    assert set(needs(built_in()[check_id]).capabilities) == capabilities


def test_tables_follow_from_the_sql() -> None:
    assert needs(built_in()["CHG-003"]).tables == {"work_item", "change_detail", "transition", "approval"}
    assert needs(built_in()["INC-001"]).tables == {"work_item"}
    assert needs(built_in()["SLM-001"]).tables == {"work_item", "sla_instance", "sla_definition"}


def test_a_service_that_is_out_of_scope_is_no_need_of_every_check() -> None:
    assert "service" not in needs(built_in()["INC-001"]).tables
    assert "person" not in needs(built_in()["INC-005"]).tables


def test_reading_one_field_of_the_history_needs_only_that(check_of: CheckOf) -> None:
    sql = "w.work_item_id IN (SELECT t.work_item_id FROM transition AS t WHERE t.field = 'priority')"
    assert needs(check_of(violation=f'"{sql}"')).capabilities == {"history.priority"}
    sql = "w.work_item_id IN (SELECT t.work_item_id FROM transition AS t WHERE t.field IN ('state', 'risk'))"
    assert needs(check_of(violation=f'"{sql}"')).capabilities == {"history.state", "history.fields"}
    sql = "w.work_item_id IN (SELECT t.work_item_id FROM transition AS t)"
    assert needs(check_of(violation=f'"{sql}"')).capabilities == {"history.state"}


def test_asking_for_a_capability_is_coping_with_its_lack(check_of: CheckOf) -> None:
    asked = "SELECT k.source_id FROM capability AS k WHERE k.capability = 'field.urgency' AND k.level = 'none'"
    check = check_of(violation=f'"w.urgency IS NULL AND w.impact = 1 AND w.source_id NOT IN ({asked})"')
    assert needs(check).capabilities == {"field.impact"}


def test_a_union_needs_what_its_parts_need(check_of: CheckOf) -> None:
    parts = (
        "SELECT c.work_item_id FROM comment AS c WHERE c.visibility = 'public' "
        "UNION ALL SELECT l.work_item_id FROM work_item_configuration_item AS l"
    )
    check = check_of(violation=f'"w.work_item_id IN (SELECT u.work_item_id FROM ({parts}) AS u)"')
    assert needs(check).capabilities == {"comment.visibility", "ci.link"}


def test_evidence_is_no_need(check_of: CheckOf) -> None:
    check = check_of(more='[evidence]\nurgency = "w.urgency"\n')
    assert needs(check).capabilities == frozenset()
    assert ("w", "urgency") in needs(check).used


def test_readings_name_columns_for_taints() -> None:
    assert "work_item.resolved_at" in needs(built_in()["INC-005"]).readings
    assert "change_detail.planned_end_at" in needs(built_in()["CHG-012"]).readings
    assert "change_detail.actual_start_at" not in needs(built_in()["CHG-002"]).readings


def test_only_what_is_read_of_the_views_is_made() -> None:
    made = plan({("w", "record_type"), ("w", "priority")})
    assert list(made.statements) == ["known_service", "w"]
    assert made.tables == {"work_item", "service", "registered_service"}
    made = plan({("w", "implemented_at")})
    assert set(made.statements) == {
        "known_service", "state_entry", "state_step", "state_interval", "state_summary", "implementation", "w",
    }  # fmt: skip
    assert "approval" not in made.tables


def test_every_column_of_every_view_comes_from_the_schema() -> None:
    known = {(table.name, column.name) for table in TABLES.values() for column in table.columns}
    for name in views():
        for needed in relations()[name].columns.values():
            assert needed.columns <= known


def test_the_records_of_each_type_have_only_what_is_asked_of_them() -> None:
    made = plan({("owed_clock", "missing")}, {"incident": {"is_major"}, "change": {"change_type"}})
    common = plan({("owed_clock", "missing")}).statements["w"].sql
    for kind, mine, others in (("incident", "is_major", "change_type"), ("change", "change_type", "is_major")):
        statement = made.statements[records_of(kind)]
        assert f"record_type = '{kind}'" in statement.sql
        assert mine in statement.sql
        assert others not in statement.sql
    assert "is_major" not in common
    assert made.statements["w"].reads == {records_of("incident"), records_of("change")}
    assert list(made.statements).index("w") < list(made.statements).index("owed_clock")
