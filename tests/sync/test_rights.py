"""What doctor makes of an adapter that says little: the cost in checks is derived for any tool."""

from __future__ import annotations

import pytest
from desk import Desk
from site_of_desk import CHANGE, Site, write_mapping

from itsm_bridge.checking import load_checks, needs_of
from itsm_bridge.errors import Unreachable
from itsm_bridge.plugins import build_plugin_manager
from itsm_bridge.rights import Diagnosis, Request, as_data, diagnose, next_step


def asked(site: Site) -> Diagnosis:
    (found,) = diagnose(site.config, site.adapters, build_plugin_manager().check_folders)
    return found


def test_an_account_with_all_rights_lacks_nothing_and_what_the_mapping_never_fills_is_a_limit(site: Site) -> None:
    found = asked(site)
    assert (found.is_fine, found.lacks, found.requests) == (True, (), ())
    assert next_step([found]) == "Nothing is missing; run `itsm-bridge sweep`."
    never = next(limit for limit in found.limits if "sla.claim" in limit.what)
    assert "SLM-004" in never.cost.whole


def test_what_a_closed_stream_costs_is_derived_and_a_right_is_asked_for_in_plain_words(site: Site) -> None:
    site.desk.denied = {"history": "it is closed"}
    found = asked(site)
    (lack,) = found.lacks
    assert (lack.kind, lack.what, lack.reason) == ("stream", ("history",), "it is closed")
    assert found.requests == (Request("the right to read", ("history",)),)
    checks = {check.id: check for check in load_checks(build_plugin_manager().check_folders)}
    reading = {name for name, need in needs_of(checks.values()).items() if "transition" in need.tables}
    assert reading
    assert reading <= {*lack.cost.whole, *lack.cost.part}
    assert not any("it is closed" in limit.reason for limit in found.limits)
    assert next_step([found]).startswith("Ask for this right")


def test_records_of_one_type_that_cannot_be_read_cost_the_checks_of_that_type(site: Site) -> None:
    site.desk.denied = {"incident": "it is closed"}
    (lack,) = asked(site).lacks
    checks = load_checks(build_plugin_manager().check_folders)
    assert {check.id for check in checks if check.record_types == ("incident",)} <= set(lack.cost.whole)
    assert not {"CHG-001", "CHG-002", "CHG-012"} & {*lack.cost.whole, *lack.cost.part}, "they read no incidents"


def test_a_stream_in_which_others_look_something_up_costs_the_checks_that_read_it(site: Site) -> None:
    site.desk.denied = {"user": "it is closed"}
    (lack,) = asked(site).lacks
    checks = load_checks(build_plugin_manager().check_folders)
    reading = {name for name, need in needs_of(checks).items() if ("work_item", "resolved_by_id") in need.total.columns}
    assert reading
    assert reading <= {*lack.cost.whole, *lack.cost.part}


def test_streams_that_are_closed_for_one_reason_are_one_line(site: Site) -> None:
    site.desk.denied = {"user": "no", "choice": "no", "history": "another"}
    assert {lack.what for lack in asked(site).lacks} == {("user", "choice"), ("history",)}


def test_a_server_that_refuses_every_stream_for_one_cause_is_one_line_though_it_names_them(site: Site) -> None:
    names = tuple(stream.name for stream in site.adapters["desk"].streams)
    site.desk.denied = {name: f"no table {name} here" for name in names}
    (lack,) = asked(site).lacks
    assert (lack.what, lack.reason) == (names, "no table … here")
    assert not set(lack.cost.part) & set(lack.cost.whole)
    site.desk.denied["history"] = "it is closed"
    assert {lack.reason for lack in asked(site).lacks} == {"no table … here", "it is closed"}


def test_what_the_settings_leave_out_is_no_limit_of_the_tool_and_has_its_cost(site: Site) -> None:
    site.settings["streams"] = ("incident", "choice", "user")
    found = asked(site)
    assert (found.is_fine, found.exit_code, found.lacks) == (True, 0, ())
    cost = {lack.what: lack.cost for lack in found.left_out}
    assert cost.keys() == {("change",), ("history",)}
    site.settings["streams"] = None
    site.desk.denied = {"history": "it is closed"}
    (closed,) = asked(site).lacks
    assert set(closed.cost.whole) <= {*cost["history",].whole, *cost["history",].part}
    assert any(check.startswith("CHG") for check in cost["change",].whole)
    assert not any({"history", "change"} & {*limit.what, *limit.reason.split()} for limit in found.limits)
    assert next_step([found]).startswith("No right is missing; what `streams` of desk leaves out costs ")


def test_what_the_settings_leave_out_at_no_cost_is_no_reason_to_wait(site: Site) -> None:
    site.settings["streams"] = ("incident", "change", "history", "user")
    found = asked(site)
    assert [lack.what for lack in found.left_out] == [("choice",)]
    assert next_step([found]) == "Nothing is missing; run `itsm-bridge sweep`."


@pytest.mark.parametrize("hint", ["look at the cable", None])
def test_a_source_that_does_not_answer_has_its_cause_and_the_next_step(site: Site, hint: str | None) -> None:
    site.desk = Desk(fails_to_connect=Unreachable("no route", where="https://desk", hint=hint))
    site.adapters["desk"].desk = site.desk  # type: ignore[attr-defined]  # the fake's own
    found = asked(site)
    told = {"kind": "Unreachable", "message": "no route", "where": "https://desk", "hint": hint, "exit_code": 3}
    assert (as_data(found)["error"], found.is_fine, found.exit_code) == (told, False, 3)
    assert as_data(found)["next"] == next_step([found])
    assert "desk" in next_step([found])


def test_what_others_look_up_in_a_closed_stream_is_lost_in_a_sweep_too(site: Site) -> None:
    site.desk.denied = {"user": "it is closed"}
    site.sync()
    about = site.store.snapshot().body["sources"]["desk"]["streams"]["user"]
    assert about["status"] == "denied"
    assert "incident:work_item.resolved_by_id" in about["lost_columns"].split(", ")


def test_what_no_rule_of_the_mapping_fills_cannot_be_told(site: Site) -> None:
    site.sync()
    told = {row[0]: row[1:] for row in site.sql("SELECT capability, level, reason FROM capability")}
    assert told["csat"] == (
        "none", "no rule of the mapping fills work_item.satisfaction_score and work_item.satisfaction_at"
    )  # fmt: skip
    assert told.get("change.type", ("full",))[0] == "full"


def test_what_a_mapping_fills_in_part_and_what_has_no_field_in_the_tool_is_told(site: Site) -> None:
    more = '[release_detail]\nwork_item_id = "id"\nmethod = "reason"\n'
    write_mapping(site.mapping, change=CHANGE + more)
    site.desk.absent = {"change": ("reason",)}
    site.sync()
    (told,) = (row[0] for row in site.sql("SELECT emptied_columns FROM stream_run WHERE stream = 'change'"))
    assert {"change:change_detail.justification_length", "*:release_detail.deliverables_length"} <= set(
        told.split(", ")
    )
    write_mapping(site.mapping, change=CHANGE + more + 'deliverables = "title"\n')
    site.remap()
    (told,) = (row[0] for row in site.sql("SELECT emptied_columns FROM stream_run WHERE stream = 'change'"))
    assert "release_detail.acceptance_length" in told
    assert "release_detail.deliverables_length" not in told
    limits = {what: limit.reason for limit in asked(site).limits for what in limit.what}
    assert limits["release_detail.acceptance_length"] == "the mapping names no field for it"
