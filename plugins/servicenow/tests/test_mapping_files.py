"""The packaged mapping names fields that exist and values that the schema knows."""

from __future__ import annotations

import pytest

from itsm_bridge.mapping.rules import StreamRule, TableRule, read_mapping
from itsm_bridge.schema.lifecycles import TRANSITION_FIELDS
from itsm_bridge.schema.model import FLAG, INTEGER
from itsm_bridge_servicenow.adapter import ServiceNow
from itsm_bridge_servicenow.streams import BY_NAME, CHOICE_TABLES, ITEM_HISTORY
from itsm_bridge_servicenow.testing import dictionary

MAPPING = read_mapping([ServiceNow.mapping_folder()])
STREAMS = [pytest.param(rule, id=name) for name, rule in MAPPING.streams.items()]
COLUMNS = [
    pytest.param(part, name, id=f"{rule.stream}-{part.table.name}-{name}")
    for rule in MAPPING.streams.values() for part in rule.tables for name, spec in part.columns.items() if spec.values
]  # fmt: skip


@pytest.mark.parametrize("rule", STREAMS)
def test_every_field_that_is_read_exists_in_its_table(rule: StreamRule) -> None:
    assert rule.stream in BY_NAME
    wanted = {name for part in rule.tables for spec in part.columns.values() for name in spec.fields}
    wanted |= {name for part in rule.tables for name in part.where} | set(rule.keep)
    for name in wanted:
        table = "sys_audit" if rule.stream == ITEM_HISTORY else rule.stream
        for step in name.split("."):
            field = dictionary.fields(table).get(step)
            assert field is not None, f"{rule.stream}.{name}"
            table = field.reference


@pytest.mark.parametrize(("part", "name"), COLUMNS)
def test_every_value_map_gives_values_of_its_columns(part: TableRule, name: str) -> None:
    values = MAPPING.values[str(part.columns[name].values)]
    column = part.table.column(name)
    for value in (*values.labels.values(), *values.codes.values()):
        if column.values:
            assert value == "" or value in column.values
        elif column.type in (INTEGER, FLAG):
            assert isinstance(value, int)


def test_labels_are_written_in_the_case_in_which_they_are_compared() -> None:
    for values in MAPPING.values.values():
        assert [label for label in values.labels if label != label.strip().lower()] == []


def test_labels_are_read_of_every_table_that_a_value_map_asks() -> None:
    asked = {table for values in MAPPING.values.values() if values.choices for table in values.choices.tables}
    assert asked <= set(CHOICE_TABLES)


def test_history_names_fields_of_the_event_log() -> None:
    cases = MAPPING.switches["history_field"].cases.values()
    assert {case.removeprefix("=") for case in cases} <= set(TRANSITION_FIELDS)


def test_people_are_nowhere_mapped_as_plain_labels() -> None:
    people = {"caller_id", "opened_by", "assigned_to", "resolved_by", "closed_by", "requested_by", "requested_for",
              "approver", "owned_by", "user", "sys_created_by", "sys_updated_by"}  # fmt: skip
    for rule in MAPPING.streams.values():
        assert not people & set(rule.keep)
        for part in rule.tables:
            for name, spec in part.columns.items():
                if people & set(spec.fields):
                    column = part.table.column(name)
                    assert column.references == "person" or column.values, f"{rule.stream}: {name}"


def test_what_jobs_of_the_instance_refresh_now_and_then_is_not_read() -> None:
    derived = {"percentage", "business_percentage", "time_left", "business_time_left"}
    columns = MAPPING.streams["task_sla"].tables[0].columns
    assert not derived & {name for spec in columns.values() for name in spec.fields}
    assert columns["captured_at"].fields == ("sys_updated_on",)  # as of when the rest is claimed
