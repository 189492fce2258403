"""Reading against the simulated instance: what comes is what the account can see, whatever the pages look like."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from random import Random

import pytest
from incident_rows import NOW, START, ids, incident, incidents
from servicenow_source import Made

from itsm_bridge.errors import BadAnswer
from itsm_bridge_servicenow.testing import KINDS, Fault, Faults
from itsm_bridge_servicenow.testing.records import Row, stamp
from itsm_bridge_servicenow.testing.server import SimulatedServiceNow

Maker = Callable[..., Made]
ROWS = incidents(240)


def served(rows: list[Row], faults: Faults | None = None) -> SimulatedServiceNow:
    return SimulatedServiceNow({"incident": rows}, now=NOW, faults=faults)


def hidden_by(pattern: str) -> set[str]:
    keys = [row["sys_id"] for row in ROWS]
    return {
        "none": set(),
        "every third": set(keys[::3]),
        "whole pages at the start": set(keys[:65]),
        "whole pages in the middle": set(keys[70:150]),
        "whole pages at the end": set(keys[150:]),
        "all but one page": set(keys[:100] + keys[120:]),
        "the last row": {keys[-1]},
        "many, by chance": set(Random(7).sample(keys, 200)),
        "all": set(keys),
    }[pattern]


PATTERNS = [
    "none", "every third", "whole pages at the start", "whole pages in the middle", "whole pages at the end",
    "all but one page", "the last row", "many, by chance", "all",
]  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("page_size", [6, 20, 1000])
def test_every_visible_row_comes_once_whatever_is_hidden(source: Maker, pattern: str, page_size: int) -> None:
    with served(ROWS) as instance:
        instance.hide("incident", hidden_by(pattern))
        made = source(instance.url, page_size=page_size)
        assert sorted(map(str, made.read("incident"))) == ids(instance.visible("incident"))
        assert made.adapter.count(made.stream("incident")) == len(ROWS)


@pytest.mark.parametrize("page_size", [7, 50, 300])
def test_hundreds_of_rows_of_one_second_come_once(source: Maker, page_size: int) -> None:
    rows = [incident(number, START + (number // 300) * 3600) for number in range(700)]
    with served(rows) as instance:
        instance.hide("incident", {row["sys_id"] for row in rows[::11]})
        made = source(instance.url, page_size=page_size, window_rows=100)
        assert sorted(map(str, made.read("incident"))) == ids(instance.visible("incident"))


def test_windows_split_by_time_and_bring_everything(source: Maker) -> None:
    with served(incidents(900, every=3600)) as instance:
        made = source(instance.url, page_size=100, window_rows=100)
        windows = made.windows("incident")
        assert len(windows) > 9
        assert sorted(map(str, made.read("incident"))) == ids(instance.rows("incident"))


@pytest.mark.parametrize("seed", range(6))
def test_rows_that_move_while_others_are_read_are_not_lost(source: Maker, seed: int) -> None:
    random = Random(seed)
    with served(ROWS) as instance:
        instance.now = datetime.now(UTC)  # rows that move go behind the windows that were planned by the real clock
        instance.hide("incident", hidden_by("every third") if seed % 2 else set())
        made = source(instance.url, page_size=20, window_rows=100)
        keys = [row["sys_id"] for row in ROWS]
        seen: dict[str | None, str | None] = {}
        for window in made.windows("incident"):
            for page in made.adapter.read(window):
                seen.update(zip(page.values("sys_id"), page.values("sys_updated_on"), strict=True))
                for key in random.sample(keys, 5) if not window.is_tail else ():
                    instance.update("incident", key, {"state": "2"}, audit=False)
        assert seen == {row["sys_id"]: row["sys_updated_on"] for row in instance.visible("incident")}


@pytest.mark.parametrize("kind", KINDS)
def test_faults_delay_but_change_nothing(source: Maker, kind: str) -> None:
    faults = Faults(seed=3, only=[kind], probability=0.2, seconds=0.0)  # type: ignore[list-item]
    with served(ROWS, faults) as instance:
        instance.hide("incident", hidden_by("every third"))
        made = source(instance.url, page_size=20)
        assert sorted(map(str, made.read("incident"))) == ids(instance.visible("incident"))
        assert faults.struck[kind] > 0
        assert instance.writes_attempted == []


def test_a_cancelled_transaction_has_the_rest_asked_for_in_smaller_pages(source: Maker) -> None:
    faults = Faults().add(Fault("partial_result", nth=(4,)), Fault("error_only", nth=(6,)))
    rows = incidents(400)
    with served(rows, faults) as instance:
        made = source(instance.url, page_size=80)
        assert sorted(map(str, made.read("incident"))) == ids(rows)
        before_the_tail = [request for request in instance.requests if "<" in request.parameters["sysparm_query"]]
        limits = [request.parameters["sysparm_limit"] for request in before_the_tail]
        assert (min(map(int, limits[1:])), limits[-1]) == (20, "80")  # smaller, and larger again
        assert made.waits == []


def test_an_instance_that_cancels_everything_is_given_up_with_advice(source: Maker) -> None:
    faults = Faults()
    with served(ROWS, faults) as instance:
        made = source(instance.url, page_size=8)
        windows = made.windows("incident")
        faults.add(Fault("error_only", every=1))
        with pytest.raises(BadAnswer, match="smallest request") as caught:
            list(made.adapter.read(windows[0]))
        assert "index" in str(caught.value.hint)


def test_since_a_cursor_only_what_changed_comes_and_an_hour_before_it(source: Maker) -> None:
    with served(ROWS) as instance:
        made = source(instance.url)
        cursor = ROWS[-1]["sys_updated_on"]
        assert len(made.read("incident", cursor)) == 61
        late = instance.insert("incident", {"number": "INC9"})
        instance.update("incident", ROWS[0]["sys_id"], {"state": "2"})
        came = made.read("incident", cursor)
        assert len(came) == 63
        assert {late, ROWS[0]["sys_id"]} <= set(came)


def test_rows_without_an_update_time_come_too(source: Maker) -> None:
    rows = [*incidents(30), *(incident(number, None) for number in range(100, 125))]
    with served(rows) as instance:
        assert sorted(map(str, source(instance.url, page_size=10).read("incident"))) == ids(rows)


@pytest.mark.parametrize("field", ["sys_updated_on", "sys_id"])
def test_a_cursor_field_that_the_account_may_not_use_is_an_error_and_no_short_answer(source: Maker, field: str) -> None:
    with served(ROWS) as instance:
        made = source(instance.url, page_size=20)
        windows = made.windows("incident")
        instance.deny_field("incident", field)
        with pytest.raises(BadAnswer) as caught:
            [page for window in windows for page in made.adapter.read(window)]
        assert field in str(caught.value) + str(caught.value.hint)


def test_a_filter_that_the_instance_ignores_is_an_error(source: Maker) -> None:
    rows = [
        {"sys_id": f"{number:032x}", "tablename": table, "fieldname": "state", "documentkey": "d",
         "sys_created_on": stamp(START + number)}
        for number, table in enumerate(["incident", "sys_user", "problem"])
    ]  # fmt: skip
    with SimulatedServiceNow({"sys_audit": rows}, now=NOW) as instance:
        made = source(instance.url)
        assert len(made.read("sys_audit")) == 2
        windows = made.windows("sys_audit")
        instance.deny_field("sys_audit", "tablename")
        with pytest.raises(BadAnswer, match="not asked for"):
            list(made.adapter.read(windows[0]))


def test_histories_of_fields_that_nobody_maps_are_not_asked_for(source: Maker) -> None:
    rows = [
        {"sys_id": f"{number:032x}", "tablename": "incident", "fieldname": name, "documentkey": "d",
         "sys_created_on": stamp(START + number)}
        for number, name in enumerate(["state", "u_colour", "work_notes", "u_shape"])
    ]  # fmt: skip
    with SimulatedServiceNow({"sys_audit": rows}, now=NOW) as instance:
        assert len(source(instance.url).read("sys_audit")) == 1
        assert len(source(instance.url, audit_fields=["u_colour"]).read("sys_audit")) == 2


def test_pages_of_a_single_row_bring_everything_too(source: Maker) -> None:
    with served(ROWS[:12]) as instance:
        instance.hide("incident", {row["sys_id"] for row in ROWS[3:6]})
        made = source(instance.url, page_size=1)
        assert sorted(map(str, made.read("incident"))) == ids(instance.visible("incident"))


@pytest.mark.parametrize(("page_size", "full_pages"), [(60, 4), (100, 2)])
def test_only_a_last_page_is_counted_and_asked_for_once_and_a_small_table_costs_few_requests(
    source: Maker, page_size: int, full_pages: int
) -> None:
    with served(ROWS) as instance:
        made = source(instance.url, page_size=page_size)
        windows = made.windows("incident")
        instance.forget()
        for window in windows:
            list(made.adapter.read(window))
        counted = [request.parameters.get("sysparm_no_count") != "true" for request in instance.requests]
        assert counted == [*[False] * full_pages, True, True]  # the last one is the tail's
        instance.forget()
        made.read("incident", ROWS[-1]["sys_updated_on"])
        assert len(instance.requests) <= 5
