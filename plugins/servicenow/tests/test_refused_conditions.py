"""Conditions and orders that the instance does not take: left out, or answered with nothing; never silently wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from incident_rows import NOW, START, ids, incident, incidents
from servicenow_source import Made

from itsm_bridge.errors import BadAnswer, PermissionDenied
from itsm_bridge_servicenow.testing.records import Row, stamp
from itsm_bridge_servicenow.testing.server import SimulatedServiceNow

Maker = Callable[..., Made]
# Ids rise while times fall: no order comes right by itself.
ROWS = [incident(number, START + (7 * number % 60) * 60) for number in range(60)]


def history() -> list[Row]:
    return [
        {"sys_id": f"{number:032x}", "tablename": table, "fieldname": "state", "documentkey": "d",
         "sys_created_on": stamp(START + number)}
        for number, table in enumerate(["incident", "sys_user", "problem"])
    ]  # fmt: skip


@pytest.fixture
def strict() -> Iterator[SimulatedServiceNow]:
    """An instance that answers what it does not take with no rows."""
    tables = {"incident": ROWS, "sys_audit": history()}
    with SimulatedServiceNow(tables, now=NOW, invalid_query_returns_no_rows=True) as instance:
        yield instance


@pytest.fixture
def lenient() -> Iterator[SimulatedServiceNow]:
    """An instance that leaves out what it does not take."""
    with SimulatedServiceNow({"incident": ROWS, "sys_audit": history()}, now=NOW) as instance:
        yield instance


@pytest.mark.parametrize("cursor", [None, stamp(START + 3600)])
@pytest.mark.parametrize(("table", "field"), [("sys_audit", "tablename"), ("incident", "sys_updated_on")])
def test_no_rows_are_not_believed_where_the_field_of_a_condition_is_closed(
    strict: SimulatedServiceNow, source: Maker, table: str, field: str, cursor: str | None
) -> None:
    assert len(source(strict.url).read(table)) == len(ROWS if table == "incident" else ["incident", "problem"])
    strict.deny_field(table, field)
    with pytest.raises(PermissionDenied, match=f"questions for {field} with no rows") as caught:
        source(strict.url).read(table, cursor)
    assert f"{table}.{field}" in str(caught.value.hint)


@pytest.mark.parametrize("cursor", [None, stamp(START + 3600)])
def test_no_rows_are_not_believed_where_ranges_are_forbidden(
    strict: SimulatedServiceNow, source: Maker, cursor: str | None
) -> None:
    strict.deny_range("incident", "sys_updated_on")
    with pytest.raises(PermissionDenied) as caught:
        source(strict.url).read("incident", cursor)
    assert "query_range" in str(caught.value.hint)


@pytest.mark.parametrize(("field", "page_size"), [("sys_updated_on", 7), ("sys_updated_on", 1000), ("sys_id", 7)])
def test_a_range_or_order_that_is_left_out_is_noticed_by_the_rows_that_come(
    lenient: SimulatedServiceNow, source: Maker, field: str, page_size: int
) -> None:
    made = source(lenient.url, page_size=page_size)
    assert sorted(map(str, made.read("incident"))) == ids(ROWS)
    lenient.deny_range("incident", field)
    if field == "sys_id":  # it only decides among rows of one second
        lenient.load("incident", [incident(number, START) for number in range(500, 480, -1)])
    with pytest.raises(BadAnswer, match="not asked for") as caught:
        made.read("incident")
    assert "query_range" in str(caught.value.hint)


def test_an_empty_table_is_still_an_empty_table(source: Maker) -> None:
    with SimulatedServiceNow({}, now=NOW, invalid_query_returns_no_rows=True) as instance:
        assert source(instance.url).read("incident") == []


def test_a_stream_without_news_costs_two_more_questions(source: Maker) -> None:
    recent = incidents(3, first=900)
    with SimulatedServiceNow({"incident": recent}, now=NOW) as instance:
        made = source(instance.url)
        made.windows("incident")
        instance.forget()
        made.windows("incident", stamp(int(NOW.timestamp())))
        assert len(instance.requests) == 1 + 2
