"""Where rights are given by queue or project, and the tool tells no list of those that the account sees."""

from __future__ import annotations

from dataclasses import replace

import pytest
from site_of_desk import Site

pytestmark = pytest.mark.usefixtures("grouped")


@pytest.fixture
def grouped(site: Site) -> None:
    """Incidents lie in a group by their category; the tool neither counts rows nor records deletions."""
    adapter = site.adapters["desk"]
    streams = tuple(replace(each, group="category" if each.name == "incident" else "") for each in adapter.streams)
    site.adapters["desk"] = type("Grouped", (adapter,), {"streams": streams})
    site.desk.counts_rows, site.desk.deletions = False, None
    for key, category in {
        "i1": "hardware",
        "i2": "network",
        "i3": "network",
        "i4": "hardware",
        "i5": "hardware",
    }.items():
        site.desk.put("incident", key, category=category)


def test_rows_that_vanish_with_their_whole_group_were_lost_from_sight(site: Site) -> None:
    site.sync()
    site.desk.hidden = {"i2", "i3"}
    incident = site.sync().streams["desk"]["incident"]
    assert (incident["status"], incident["held"], incident["hidden"], incident["deleted"]) == ("partial", 5, 2, 0)
    assert {"i2", "i3"} <= set(site.item_keys())


def test_a_row_that_vanishes_from_a_group_of_which_others_show_was_deleted(site: Site) -> None:
    site.sync()
    site.desk.hidden = {"i2"}
    incident = site.sync().streams["desk"]["incident"]
    assert (incident["status"], incident["held"], incident["deleted"]) == ("complete", 4, 1)
    assert "i2" not in site.item_keys()


def test_whoever_asks_for_a_full_reading_takes_what_vanished_for_deleted(site: Site) -> None:
    site.sync()
    site.desk.hidden = {"i2", "i3"}
    site.sync()
    incident = site.sync(is_full=True).streams["desk"]["incident"]
    assert (incident["status"], incident["held"], incident["deleted"]) == ("complete", 3, 2)
