"""Projections follow what they read: lookups, corrected mappings, and whatever happened, as if made anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from site_of_desk import Site, fill, overlay

from itsm_bridge import project
from itsm_bridge.canonical import Held
from itsm_bridge.errors import MappingError, UsageError


def resolvers(site: Site) -> dict[str, Any]:
    return dict(site.sql("SELECT source_key, resolved_by_id FROM work_item WHERE resolved_by_id IS NOT NULL"))


def test_a_lookup_finds_the_row_that_matches(synced: Site) -> None:
    people = dict(synced.sql("SELECT login, person_id FROM person"))
    assert set(resolvers(synced).values()) == set(people.values())


def test_only_the_rows_that_looked_up_what_changed_are_projected_again(synced: Site) -> None:
    before = resolvers(synced)
    synced.desk.put("user", "u2", login="renamed")
    synced.desk.put("incident", "i9", number="INC9", resolver_login="renamed")
    synced.sync()
    after = resolvers(synced)
    assert after["i9"] == before["i1"]
    assert {key for key in before if before[key] != after[key]} == {"i1", "i4"}, "they name a login that is no longer"
    assert synced.log_rows("canonical/work_item")[2] == 3
    synced.desk.put("user", "u2", login="login2")
    synced.sync()
    assert resolvers(synced) | {"i9": None} == before | {"i9": None}


def test_a_person_that_is_deleted_is_no_longer_found(synced: Site) -> None:
    before = resolvers(synced)
    synced.desk.remove("user", "u2")
    synced.sync()
    assert {key for key in before if before[key] != resolvers(synced)[key]} == {"i1", "i4"}


def test_remap_applies_a_corrected_mapping_to_all_that_was_ever_read(synced: Site) -> None:
    synced.desk.remove("incident", "i5")
    synced.sync()
    overlay(synced.mapping, values=(synced.mapping / "values.toml").read_text().replace('"3" = 3', '"3" = 4'))
    synced.desk.forget()
    report = synced.remap()
    assert (synced.desk.plans, synced.desk.reads) == ([], [])
    assert report.snapshot is not None
    assert (report.snapshot.number, report.appended, report.deleted) == (3, 3, 0)
    assert synced.sql("SELECT count(*) FROM work_item WHERE priority = 4") == [(3,)]
    assert synced.sql("SELECT count(*) FROM work_item WHERE priority = 4", as_of=2) == [(0,)]
    assert report.snapshot.body["sources"]["desk"]["streams"]["incident"]["cursor"]
    assert synced.verify().problems == []
    synced.sync()
    assert synced.log_rows("canonical/work_item") == {1: 7, 2: 1, 3: 3}


def test_remap_counts_what_is_not_mapped_in_all_rows_and_not_only_in_those_that_change(synced: Site) -> None:
    for key in ("i1", "i2"):
        synced.desk.put("incident", key, priority="bogus")
    before = synced.sync().streams["desk"]["incident"]["unmapped"]
    overlay(synced.mapping, values=(synced.mapping / "values.toml").read_text().replace('"3" = 3', '"3" = 4'))
    snapshot = synced.remap().snapshot
    assert snapshot is not None
    assert before == snapshot.body["sources"]["desk"]["streams"]["incident"]["unmapped"] == 2
    assert synced.sql("SELECT count(*) FROM work_item WHERE priority = 4") != [(0,)]


def test_rows_to_come_are_compared_with_what_is_held_without_being_kept_in_memory() -> None:
    with duckdb.connect(config={"memory_limit": "60MB", "threads": "2", "temp_directory": ""}) as engine:
        for name, value in {"streaming_buffer_size": "1 MB", "preserve_insertion_order": "false"}.items():
            engine.execute(f"SET {name} = '{value}'")
        columns = "'k' || range AS _key, range AS _hash, 0::BIGINT AS _unmapped"
        engine.execute(f"CREATE TEMP TABLE held AS SELECT {columns}, TRUE AS is_ours FROM range(100_000)")
        held = Held(engine)
        # The conditions make the engine believe that the rows are few: these it would rather keep than what is held.
        wide = "repeat('x', 900) || range AS text FROM range(100_000) WHERE range * 2 >= 0 AND range % 2 IS NOT NULL"
        rows = f"SELECT 'k' || range AS _key, range + (range = 7)::BIGINT AS _hash, {wide} AND range <> 9"
        found = [held.changed(batch) for batch in engine.sql(held.with_places(rows)).to_arrow_reader(10_000)]
        assert [key for batch in found for key in batch["_key"].to_pylist()] == ["k7"]
        assert held.stale_keys() == ["k9"]


def test_remap_publishes_nothing_when_nothing_changed(synced: Site) -> None:
    report = synced.remap()
    assert (report.snapshot, report.appended, report.deleted, report.unread) == (None, 0, 0, {})
    assert synced.store.snapshot().number == 1


def test_remap_names_fields_that_need_a_read(synced: Site) -> None:
    text = (synced.mapping / "incident.toml").read_text()
    overlay(synced.mapping, incident=text.replace('number = "number"', 'number = "number"\nimpact = "u_impact"', 1))
    report = synced.remap()
    assert report.unread == {"desk:incident": ["u_impact"]}
    costs = "SELECT unread_fields, lost_columns FROM stream_run WHERE stream = 'incident'"
    assert synced.sql(costs) == [("u_impact", "incident:work_item.impact")]
    synced.desk.put("incident", "i1", u_impact="1")
    synced.sync()
    assert synced.sql("SELECT impact FROM work_item WHERE source_key = 'i1'") == [(1,)]
    assert synced.sql(costs) == [("", "")]
    assert synced.remap().unread == {}


def test_remap_takes_back_what_is_no_longer_mapped(synced: Site) -> None:
    text = (synced.mapping / "change.toml").read_text()
    overlay(synced.mapping, change=text[: text.index("[change_detail]")])
    report = synced.remap()
    assert report.deleted == 2
    assert len(synced.load("change_detail")) == 0
    assert len(synced.load("change_detail", as_of=1)) == 2
    overlay(synced.mapping, change=text)
    synced.remap()
    assert len(synced.load("change_detail")) == 2


def test_remap_says_anew_what_the_mapping_tells(synced: Site) -> None:
    def level() -> tuple[object, ...]:
        return synced.sql("SELECT level, reason FROM capability WHERE capability = 'change.type'")[0]

    text = (synced.mapping / "change.toml").read_text()
    assert level() == ("full", None)
    overlay(synced.mapping, change=text.replace('change_type = { constant = "normal" }', ""))
    synced.remap()
    assert level() == (
        "none",
        "no rule of the mapping fills change_detail.change_type and change_detail.source_change_type",
    )
    overlay(synced.mapping, change=text)
    synced.remap()
    assert level() == ("full", None)


def test_a_filter_that_becomes_stricter_takes_rows_back(synced: Site) -> None:
    text = (synced.mapping / "history.toml").read_text()
    overlay(synced.mapping, history=text.replace('["incident", "change"]', '"change"'))
    assert synced.remap().deleted == 5
    assert len(synced.load("transition")) == 0


def test_a_broken_mapping_leaves_the_store_as_it_was(synced: Site) -> None:
    overlay(synced.mapping, incident="[work_item]\ntitel = 'x'")
    for run in (synced.sync, synced.remap):
        with pytest.raises(MappingError):
            run()
    assert synced.store.snapshot().number == 1
    assert synced.verify().unpublished == 0


def test_there_is_nothing_to_remap_before_the_first_sync(site: Site) -> None:
    with pytest.raises(UsageError, match="no snapshot yet"):
        site.remap()


def test_extra_fields_are_kept_in_the_source_table(synced: Site) -> None:
    assert synced.sql("SELECT DISTINCT made_sla FROM source_desk.incident") == [("true",)]
    synced.settings["keep"] = {"incident": ("weather",)}
    synced.desk.put("incident", "i1", weather="fine")
    synced.sync()
    assert synced.sql("SELECT id, weather FROM source_desk.incident WHERE weather IS NOT NULL") == [("i1", "fine")]


KEYS = st.sampled_from(["i1", "i2", "i3", "new"])
ACTS = st.one_of(
    st.tuples(
        st.just("put"),
        KEYS,
        st.fixed_dictionaries(
            {"state": st.sampled_from("123"), "resolver_login": st.sampled_from(["login1", "login2", "x"])}
        ),
    ),
    st.tuples(st.just("remove"), KEYS, st.none()),
    st.tuples(st.just("move"), KEYS, st.none()),
    st.tuples(st.just("rename"), st.sampled_from(["u1", "u2"]), st.sampled_from(["login1", "login2", "x"])),
    st.tuples(st.just("label"), st.sampled_from(["c1", "c2"]), st.sampled_from(["New", "Closed", "Odd"])),
    st.tuples(st.just("sync"), st.none(), st.none()),
)


def do(site: Site, act: str, key: Any, value: Any) -> None:
    homes = [stream for stream in ("incident", "change") if key in site.desk.rows[stream]]
    if act == "put":
        site.desk.put(homes[0] if homes else "incident", key, **value)
    elif act == "remove" and homes:
        site.desk.remove(homes[0], key)
    elif act == "move" and homes:
        record = site.desk.rows[homes[0]][key]
        site.desk.remove(homes[0], key)
        other = "change" if homes[0] == "incident" else "incident"
        site.desk.put(other, key, **{name: v for name, v in record.items() if name not in ("id", "updated")})
    elif act == "rename":
        site.desk.put("user", key, login=value)
    elif act == "label":
        site.desk.put("choice", key, label=value)
    elif act == "sync":
        site.sync()


@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
@given(acts=st.lists(ACTS, min_size=4, max_size=8))
def test_incremental_syncs_give_what_one_sync_of_everything_gives(
    tmp_path_factory: pytest.TempPathFactory, acts: Any
) -> None:
    site = Site(tmp_path_factory.mktemp("steps"))
    fill(site.desk, incidents=3, changes=1)
    site.sync()
    for act, key, value in acts:
        do(site, act, key, value)
    site.sync()
    folder: Path = tmp_path_factory.mktemp("once")
    once = Site(folder, site.desk)
    once.store.state_folder.mkdir(parents=True)
    (once.store.state_folder / "privacy.key").write_text((site.store.state_folder / "privacy.key").read_text())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(project, "FEW_ROWS", 0)  # as many rows are made
        once.sync()
    for table in ("work_item", "person", "change_detail"):
        query = f"SELECT * FROM {table} ORDER BY 1"
        assert site.sql(query) == once.sql(query)
    assert site.verify().problems == []


@pytest.mark.parametrize(("old", "new"), [("incident", "change"), ("change", "incident")])
def test_a_value_that_is_not_mapped_moves_with_its_record(synced: Site, old: str, new: str) -> None:
    synced.desk.put(old, "m1", number="M1", priority="bogus")
    before = {name: about["unmapped"] for name, about in synced.sync().streams["desk"].items()}
    synced.desk.remove(old, "m1")
    synced.desk.put(new, "m1", number="M1", priority="bogus")
    after = {name: about["unmapped"] for name, about in synced.sync().streams["desk"].items()}
    assert after == before | {old: before[old] - 1, new: before[new] + 1}


@pytest.mark.parametrize(("retired", "kept"), [("incident", "change"), ("change", "incident")])
def test_a_table_that_lost_one_of_its_streams_keeps_what_another_makes_too(
    synced: Site, retired: str, kept: str
) -> None:  # fmt: skip
    for stream in (kept, retired):
        synced.desk.put(stream, "both", number="BOTH")
        synced.sync()
    (synced.mapping / f"{retired}.toml").unlink()
    synced.sync()
    assert synced.sql("SELECT record_type FROM work_item WHERE source_key = 'both'") == [(kept,)]
