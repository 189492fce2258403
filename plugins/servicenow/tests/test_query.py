from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itsm_bridge.adapter import Stream
from itsm_bridge.errors import BadAnswer, ItsmBridgeError
from itsm_bridge_servicenow.order import ById, ByTime
from itsm_bridge_servicenow.query import chunks, compare, epoch, one_of, written
from itsm_bridge_servicenow.scope import Scope, scope_of
from itsm_bridge_servicenow.streams import ITEM_HISTORY
from itsm_bridge_servicenow.tables import PlainRows

SCOPE = Scope("sys_audit", "sys_created_on", {"tablename": ("incident", "problem")})


def test_going_on_behind_a_row_repeats_the_filter_in_both_groups() -> None:
    order = ByTime(SCOPE, "2026-01-01 00:00:00", "2026-02-01 00:00:00")
    assert order.after(None) == (
        "tablenameINincident,problem^sys_created_on>=2026-01-01 00:00:00^sys_created_on<2026-02-01 00:00:00"
        "^ORDERBYsys_created_on^ORDERBYsys_id"
    )
    assert order.after(("2026-01-05 10:00:00", "ab")) == (
        "tablenameINincident,problem^sys_created_on<2026-02-01 00:00:00^sys_created_on>2026-01-05 10:00:00"
        "^NQtablenameINincident,problem^sys_created_on=2026-01-05 10:00:00^sys_id>ab"
        "^ORDERBYsys_created_on^ORDERBYsys_id"
    )
    assert ById("incident", "").after(("", "ab")) == "sys_id>ab^ORDERBYsys_id"


@given(st.text(alphabet=st.characters(min_codepoint=32, exclude_characters=",")))
def test_a_value_never_starts_a_condition_of_its_own(value: str) -> None:
    for condition in (compare("number", "=", value), one_of("number", [value])):
        assert "^" not in condition.replace("^^", "")


@pytest.mark.parametrize("name", ["", "a^b", "a=1", "sys_id ", "javascript:x"])
def test_names_that_are_none_are_refused(name: str) -> None:
    with pytest.raises(ItsmBridgeError):
        compare(name, "=", "1")


@pytest.mark.parametrize("value", ["a\nb", "\x00"])
def test_control_characters_are_refused(value: str) -> None:
    with pytest.raises(ItsmBridgeError):
        compare("number", "=", value)


def test_long_lists_are_cut_into_parts_that_fit_an_address() -> None:
    names = [f"cmdb_ci_class_{number:04}" for number in range(700)]
    parts = list(chunks(names, 1500))
    assert [name for part in parts for name in part] == names
    assert max(len(",".join(part)) for part in parts) <= 1500


def test_instants_are_written_and_read_as_utc() -> None:
    assert written(1_795_255_200) == "2026-11-21 10:00:00"
    assert epoch(written(1_795_255_200)) == 1_795_255_200
    with pytest.raises(ItsmBridgeError, match="no instant"):
        epoch("21/11/2026 10:00")


def test_histories_are_asked_for_by_table_and_field_only() -> None:
    stream = Stream("sys_audit", "sys_id", "sys_created_on", "")
    scope = scope_of(stream, ["state", "priority"], [])
    assert scope.filter.startswith("tablenameINchange_request,change_task,incident,")
    assert scope.filter.endswith("^fieldnameINpriority,state")


def test_histories_of_items_are_asked_for_by_the_beginning_of_their_class() -> None:
    scope = scope_of(Stream(ITEM_HISTORY, "sys_id", "sys_created_on", ""), ["state"], ["version", "ip_address"])
    assert (scope.name, scope.table) == (ITEM_HISTORY, "sys_audit")
    assert scope.filter == "tablenameSTARTSWITHcmdb^fieldnameINip_address,version"
    row = {"sys_id": "ab", "sys_created_on": "2026-01-05 10:00:00", "fieldname": "version"}
    order = ByTime(scope, None, None)
    assert order.check(PlainRows([row | {"tablename": "cmdb_ci_server"}]), None)
    with pytest.raises(BadAnswer, match="tablename = 'incident' came"):
        order.check(PlainRows([row | {"tablename": "incident"}]), None)


@pytest.mark.parametrize("at", ["2025-12-31 23:59:59", "2026-02-01 00:00:00"])
def test_rows_outside_the_span_that_was_asked_for_are_an_error(at: str) -> None:
    order = ByTime(Scope("incident", "sys_updated_on"), "2026-01-01 00:00:00", "2026-02-01 00:00:00")
    assert order.check(PlainRows([{"sys_id": "ab", "sys_updated_on": "2026-01-05 10:00:00"}]), None)
    with pytest.raises(BadAnswer, match="not asked for"):
        order.check(PlainRows([{"sys_id": "ab", "sys_updated_on": at}]), None)
