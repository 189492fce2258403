"""Whatever is altered behind the store's back, `verify` names it; what is not altered, it passes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from site_of_desk import Site

from itsm_bridge import pipeline
from itsm_bridge.errors import StoreDamaged, StoreError


def rewrite(path: Path, change: Callable[[dict[str, Any]], None], which: Callable[[dict[str, Any]], bool]) -> None:
    """Alter rows of a table as somebody with write access to its files would."""
    table = DeltaTable(str(path)).to_pyarrow_dataset().to_table()
    rows = table.to_pylist()
    chosen = next(row for row in rows if which(row))
    change(chosen)
    write_deltalake(str(path), pa.Table.from_pylist(rows, schema=table.schema), mode="overwrite")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("priority", 1),
        ("title_length", 99),
        ("closed_at", None),
        ("state", "closed"),
        ("_deleted", True),
        ("_key", "other"),
        ("_batch", 7),
        ("_stream", "desk/change"),
        ("_snapshot", 0),
        ("_snapshot", None),
        ("_snapshot", 2),
        ("_hash", 0),
    ],
)
def test_an_altered_row_is_named(synced: Site, column: str, value: object) -> None:
    path = synced.path / "canonical" / "work_item"
    if column == "closed_at":
        column, value = "opened_at", None
    rewrite(path, lambda row: row.update({column: value}), lambda row: row["_origin"] == "i2")
    report = synced.verify()
    if (column, value) == ("_snapshot", 2):
        assert report.unpublished == 1
    assert not report.is_intact
    assert all(problem.startswith("canonical/work_item") for problem in report.problems)


def test_an_altered_source_row_is_named(synced: Site) -> None:
    rewrite(synced.path / "source/desk/incident", lambda row: row.update(_cursor="2030"), lambda row: row["id"] == "i1")
    assert synced.verify().problems == ["source/desk/incident as of snapshot 1: 1 rows do not match their hash"]


def test_a_deletion_that_is_undone_or_altered_is_named(synced: Site) -> None:
    synced.desk.remove("incident", "i2")
    synced.sync()
    assert synced.verify().problems == []
    for change in ({"_deleted": False}, {"_key": "desk:work_item:i3"}):
        rewrite(
            synced.path / "canonical/work_item", lambda row, c=change: row.update(c), lambda row: row["_snapshot"] == 2
        )
        assert any("canonical/work_item as of snapshot 2" in problem for problem in synced.verify().problems)


def test_an_added_and_a_removed_row_are_named(synced: Site) -> None:
    path = synced.path / "canonical" / "person"
    table = DeltaTable(str(path)).to_pyarrow_dataset().to_table()
    write_deltalake(str(path), table.slice(1), mode="overwrite")
    assert synced.verify().problems == ["canonical/person as of snapshot 1: holds 2 rows, its manifest says 3"]
    write_deltalake(str(path), pa.concat_tables([table, table.slice(0, 1)]), mode="overwrite")
    assert synced.verify().problems == ["canonical/person as of snapshot 1: holds 4 rows, its manifest says 3"]


def test_a_deleted_file_is_named_and_the_rest_is_still_verified(synced: Site) -> None:
    victim = next((synced.path / "canonical" / "work_item").glob("*.parquet"))
    victim.unlink()
    for path in (synced.path / "source/desk/user/_delta_log").iterdir():
        path.unlink()
    rewrite(synced.path / "canonical/person", lambda row: row.update(login="x"), lambda row: True)
    problems = synced.verify().problems
    assert [problem.split(":")[0] for problem in problems] == [
        "canonical/person as of snapshot 1",
        "canonical/work_item",
        "source/desk/user as of snapshot 1",
    ]


def test_a_damaged_file_is_named(synced: Site) -> None:
    victim = next((synced.path / "canonical" / "work_item").glob("*.parquet"))
    victim.write_bytes(victim.read_bytes()[:-20])
    [problem] = synced.verify().problems
    assert problem.startswith("canonical/work_item: cannot be read")


@pytest.mark.parametrize(
    "change",
    [
        {"body": "{}"},
        {"body": "not json"},
        {"at": "2020-01-01T00:00:00+00:00"},
        {"at": "yesterday"},
        {"number": 5},
        {"previous": "1" * 64},
        {"hash": "2" * 64},
        {"sequence": 3},
        {"kind": "assessment"},
    ],
)
def test_an_altered_manifest_is_named_and_believed_by_nobody(synced: Site, change: dict[str, Any]) -> None:
    rewrite(synced.path / "manifests", lambda row: row.update(change), lambda row: True)
    assert any(problem.startswith("manifest ") for problem in synced.verify().problems)
    with pytest.raises(StoreDamaged, match="manifest"):
        synced.item_keys()
    with pytest.raises(StoreDamaged):
        synced.sync()


def test_a_manifest_taken_out_of_the_chain_is_named(synced: Site) -> None:
    synced.sync()
    synced.sync()
    path = synced.path / "manifests"
    table = DeltaTable(str(path)).to_pyarrow_dataset().to_table()
    kept = [row for row in table.to_pylist() if row["sequence"] != 2]
    write_deltalake(str(path), pa.Table.from_pylist(kept, schema=table.schema), mode="overwrite")
    assert any("manifest 2 is missing" in problem for problem in synced.verify().problems)


def test_lost_manifests_are_named(synced: Site) -> None:
    for path in (synced.path / "manifests").glob("*.parquet"):
        path.unlink()
    [problem] = synced.verify().problems
    assert "manifests" in problem


def test_an_altered_and_a_missing_text_are_named(synced: Site) -> None:
    path = synced.path / "contents"
    rewrite(path, lambda row: row.update(text=row["text"] + "#"), lambda row: "[work_item]" in row["text"])
    [problem] = synced.verify().problems
    assert "does not match its hash" in problem
    assert "mapping of desk" in problem
    table = DeltaTable(str(path)).to_pyarrow_dataset().to_table()
    write_deltalake(str(path), table.slice(0, 2), mode="overwrite")
    assert any("is missing" in problem for problem in synced.verify().problems)


def test_an_untouched_store_is_intact_and_its_head_is_the_last_manifest(synced: Site) -> None:
    synced.desk.put("incident", "i1", title="changed")
    last = synced.sync().snapshot
    report = synced.verify()
    assert report.is_intact
    assert (report.manifests, report.head, report.unpublished) == (2, last.hash, 0)
    assert report.rows == 36 + 2
    assert last.previous == synced.store.snapshot(1).hash


def test_compaction_changes_neither_the_state_nor_the_verdict(synced: Site) -> None:
    for number in range(3):
        synced.desk.put("incident", f"i{number + 1}", title=f"changed {number}")
        synced.sync()
    before = synced.sql("SELECT * FROM work_item ORDER BY 1", as_of=2)
    compacted = 0
    for folder in sorted(synced.path.glob("**/_delta_log")):
        compacted += DeltaTable(str(folder.parent)).optimize.compact()["numFilesRemoved"]
    assert compacted > 5
    assert synced.verify().problems == []
    assert synced.sql("SELECT * FROM work_item ORDER BY 1", as_of=2) == before
    synced.desk.remove("incident", "i1")
    synced.sync()
    assert "i1" not in synced.item_keys()
    assert synced.verify().problems == []


def test_the_manifest_holds_what_a_verdict_depends_on(synced: Site) -> None:
    body = json.loads(json.dumps(synced.store.snapshot().body))
    texts = synced.store.contents.get(body["sources"]["desk"]["mapping"])
    assert texts["0/incident.toml"] == (synced.mapping / "incident.toml").read_text()
    assert set(body["software"]) >= {"itsm-bridge", "deltalake", "duckdb", "python"}
    assert body["tables"]["source/desk/incident"]["rows"] == 5


def test_a_store_that_lost_its_manifests_is_not_whole(synced: Site) -> None:
    shutil.rmtree(synced.path / "manifests")
    [problem] = synced.verify().problems
    assert "the manifests are missing" in problem


def test_a_folder_that_holds_nothing_is_no_store(site: Site) -> None:
    site.path.mkdir(parents=True, exist_ok=True)
    with pytest.raises(StoreError, match="there is no store here"):
        pipeline.verify(site.config)
