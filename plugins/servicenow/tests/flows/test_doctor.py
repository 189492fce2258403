"""What `doctor` tells a person: what is missing, what it costs in checks, whom to ask for what, and what comes next."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result
from world import NOW, PASSWORD, World

from itsm_bridge_servicenow.testing import SimulatedServiceNow, seeded_company

pytestmark = pytest.mark.xdist_group("doctor")

SIZE = 80
HOSTILE = "Xanadu\x1b[2J[red]not red[/red]\u202e"
UNUSED = "std_change_producer_version"
DONE = re.compile(
    "No right is missing; what `streams` of prod leaves out costs [0-9]+ checks: add what these need, or run "
    "`itsm-bridge sweep`."
)


class Told:
    """What doctor prints, what it gives to programs, and how it ends; asked when it is first looked at."""

    def __init__(self, world: World, columns: int = 80) -> None:
        self._world = world
        self._columns = columns

    @cached_property
    def shown(self) -> Result:
        return self._world.run("doctor", columns=self._columns)

    @cached_property
    def data(self) -> Mapping[str, Any]:
        return dict(json.loads(self._world.run("doctor", "--json").stdout)["prod"])

    @property
    def lines(self) -> list[str]:
        return self.shown.stdout.rstrip("\n").split("\n")

    @property
    def text(self) -> str:
        return " ".join(self.shown.stdout.split())

    def lack(self, name: str) -> Mapping[str, Any]:
        return next(item for item in self.data["missing"] if item["what"] == [name])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    release = {"sys_id": "f" * 32, "name": "glide.buildname", "value": HOSTILE, "sys_updated_on": "2020-01-01 00:00:00"}
    tables = seeded_company(now=NOW, size=SIZE).tables | {"sys_properties": [release], UNUSED: []}
    with SimulatedServiceNow(tables, now=NOW) as server:
        world = World(tmp_path_factory.mktemp("doctor"), server)
        world.configure()
        yield world


@pytest.fixture
def world(site: World) -> World:
    """The world, with all rights and its usual settings."""
    site.server.allow()
    site.server.clock_skew_seconds = 0
    site.configure()
    return site


def test_where_nothing_is_missing_it_says_so_and_what_comes_next(world: World) -> None:
    found = Told(world)
    assert (found.shown.exit_code, found.data["missing"], found.data["ask_for"], found.data["is_fine"]) == (
        0,
        [],
        [],
        True,
    )
    assert DONE.fullmatch(found.data["next"])
    assert found.text.endswith(found.data["next"])
    assert "svc_bridge, signed in by" in found.text
    assert "what is missing" not in found.text
    assert "what `streams` leaves out" in found.text
    assert "sc_req_item" in {name for item in found.data["left_out"] for name in item["what"]}
    assert "clock as ours" in found.text
    assert "to ask for" not in found.text
    assert [line.split()[:3] for line in found.lines if line.split()[:1] == ["incident"]] == [
        ["incident", "yes", str(len(world.server.rows("incident")))]
    ]


@pytest.mark.parametrize("columns", [80, 120])
def test_it_reads_well_on_a_terminal_and_nothing_of_the_instance_steers_it(world: World, columns: int) -> None:
    world.server.deny_table("sys_audit")
    world.server.deny_field("incident", "resolved_at")
    world.server.hide("problem", {world.server.rows("problem")[0]["sys_id"]})
    found = Told(world, columns)
    assert max(map(len, found.lines)) <= columns
    assert "ServiceNow Xanadu␛[2J[red]not red[/red]�" in found.text
    assert not any(ord(letter) < 32 for line in found.lines for letter in line)
    ask = found.lines.index("Rights to ask for, to paste into a request")
    first, *on = found.lines[ask + 2 : ask + 5]
    assert first.startswith("1. read ACL (type record, operation read)")
    assert on == ["   - sys_audit", "   - incident.resolved_at"]
    assert found.lines[-1] == "Ask for these 2 rights, then run `itsm-bridge doctor` again."
    rows = len(world.server.rows("problem"))
    assert f"problem yes {rows} {rows - 1} of first {rows}" in found.text
    assert "hidden from the account by a rule" in found.text


def test_what_costs_most_comes_first_and_fields_are_told_one_by_one(world: World) -> None:
    world.server.deny_table("sys_audit_delete")
    world.server.deny_table("change_request")
    world.server.deny_field("incident", "close_code")
    world.server.deny_field("incident", "resolved_at")
    found = Told(world)
    assert found.shown.exit_code == 3
    assert [item["what"][0] for item in found.data["missing"]] == [
        "change_request", "incident.resolved_at", "incident.close_code", "sys_audit_delete",
    ]  # fmt: skip
    assert {"CHG-001", "CHG-002"} <= set(found.lack("change_request")["cost"]["whole"])
    assert found.lack("sys_audit_delete")["cost"] == {"whole": [], "part": ["DQ-010"]}
    assert "incident yes, without 2 fields" in found.text
    grants = {request["grant"]: request["on"] for request in found.data["ask_for"]}
    assert grants["role sn_change_read (or itil)"] == ["change_request"]
    assert found.data["next"].startswith("Ask for these 4 rights")


def test_a_query_acl_a_clock_and_an_empty_table_are_lines_like_any_other(world: World) -> None:
    world.server.deny_range("incident", "sys_updated_on")
    world.server.clock_skew_seconds = 600
    world.configure(world.signed_in().replace('["incident"', f'["incident", "{UNUSED}"'))
    found = Told(world)
    assert found.shown.exit_code == 3
    assert found.lack("incident")["rights"][0]["on"] == "incident.sys_updated_on"
    assert found.lack(UNUSED)["kind"] == "problem"
    assert re.search(r"clock (59\d|60\d) s ahead of ours", found.text)
    assert "seconds away from ours" in found.text
    assert found.text.endswith(
        "Ask for this right, look at the other 2 points above, then run `itsm-bridge doctor` again."
    )


def test_an_instance_that_shows_no_table_is_one_line_with_one_right(world: World) -> None:
    for table in world.server.instance.storage.known:
        world.server.deny_table(table)
    found = Told(world)
    (lack,) = found.data["missing"]
    assert "incident" in lack["what"]
    assert f"{len(lack['what'])} streams: incident," in found.text
    assert "may be read" not in found.text
    assert [request["grant"] for request in found.data["ask_for"]] == ["role snc_platform_rest_api_access"]
    assert found.lines[-1] == "Ask for this right, then run `itsm-bridge doctor` again."


def test_a_field_that_the_instance_does_not_have_is_a_limit_with_its_cost_and_no_lost_right(world: World) -> None:
    folder = world.folder / "overlay"
    folder.mkdir(exist_ok=True)
    (folder / "incident.toml").write_text('[work_item]\nresolved_at = "u_solved"\n', encoding="utf-8")
    world.configure(world.signed_in().replace('mappings = ["', f'mappings = ["{folder.as_posix()}", "'))
    found = Told(world)
    (limit,) = [item for item in found.data["limits"] if item["what"] == ["incident.u_solved"]]
    assert "INC-002" in limit["cost"]["whole"]
    assert "does not exist" in limit["reason"]
    assert "overlay" in limit["remedy"]
    assert found.shown.exit_code == 0
    assert DONE.fullmatch(found.data["next"])


def test_a_source_that_does_not_answer_says_why_and_what_to_do(world: World) -> None:
    world.configure(world.signed_in().replace(world.server.url, "http://127.0.0.1:9"))
    result = world.run("doctor")
    assert (result.exit_code, "cannot be reached" in result.stdout) == (3, True)
    assert result.stdout.rstrip().endswith("Mend what keeps prod from answering, then run `itsm-bridge doctor` again.")


def test_the_cost_named_is_what_the_next_sweep_cannot_assess(site: World, tmp_path: Path) -> None:
    """A lost table and a lost field at once: each check that either costs says so, and no other check does."""
    site.server.allow()
    world = World(tmp_path, site.server)
    world.configure()
    world.server.deny_table("sys_audit")
    world.server.deny_field("incident", "resolved_at")
    foretold = json.loads(world.run("doctor", "--json").stdout)["prod"]
    cost = {item["what"][0]: item["cost"] for item in foretold["missing"] if item["kind"] != "problem"}
    assert set(cost) == {"sys_audit", "incident.resolved_at"}
    said = {"sys_audit": "sys_audit c", "incident.resolved_at": "incident.resolved_at does not show"}
    results = {check["id"]: check["overall"] for check in world.sweep(3)["checks"] if check["overall"]["in_scope"]}
    foreseen: set[str] = set()
    for name, each in cost.items():
        foreseen |= {*each["whole"], *each["part"]}
        for check in set(each["whole"]) & set(results):
            assert results[check]["assessable"] == 0, (name, check)
        told = {check for check, result in results.items() if said[name] in str(result["reasons"])}
        assert told <= {*each["whole"], *each["part"]}, name
        assert len(told) > 3, name
    silenced = {check for check, result in results.items() if any(w in str(result["reasons"]) for w in said.values())}
    unread = {"CFG-005"}  # configuration items are not read here, which silences it first
    assert silenced == foreseen & set(results) - unread
    assert len(silenced) < len(results) - 5


def test_what_is_configured_wrongly_ends_as_such(world: World) -> None:
    world.configure(world.signed_in())
    result = world.run("doctor", environment={PASSWORD: ""})
    assert (result.exit_code, "the secret is empty" in result.stdout) == (2, True)
