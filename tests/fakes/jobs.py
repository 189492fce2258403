"""The jobs that a killed process may have been at, on the store of a Site; and what a store holds, to compare."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
from desk import Desk
from site_of_desk import VALUES, Site, fill

from itsm_bridge import pipeline
from itsm_bridge.delivery import deliver_reports
from itsm_bridge.errors import EXIT_NOT_DELIVERED, DeliveryError
from itsm_bridge.plugins import Plugins, build_plugin_manager
from itsm_bridge.progress import Progress
from itsm_bridge.remap import remap
from itsm_bridge.schema import tool_tables
from itsm_bridge.store.log import Log
from itsm_bridge.store.store import Store
from itsm_bridge.sync import sync
from itsm_bridge.verify import verify

CHECKS = ("incident/INC-001", "data_quality/DQ-001", "data_quality/DQ-004")
OTHER_VALUES = VALUES.replace('"in progress" = "in_progress"', '"in progress" = "resolved"').replace(
    '"2" = "in_progress"', '"2" = "resolved"'
)
NOW = datetime(2026, 1, 20, tzinfo=UTC)


def desk_after(steps: int) -> Desk:
    """Return the desk as it is after some rounds of changes: the same for everybody who asks."""
    desk = Desk()
    fill(desk, incidents=4)
    for step in range(1, steps + 1):
        desk.tick(hours=30)
        for key in (f"i{step}", "i3"):
            desk.put("incident", key, title=f"changed in {step}", state=str(1 + step % 3))
        desk.put("incident", f"n{step}", number=f"NEW{step}", caller="u1", state="2", opened=desk.tick())
        desk.put("history", f"g{step}", table="incident", field="state", field_kind="state", document=f"i{step}",
                 old="1", new="2", seq=str(step), by="u1")  # fmt: skip
        desk.put("user", "u2", login=f"renamed{step}")
        if step > 1:
            desk.remove("incident", f"n{step - 1}")
    return desk


def site_at(folder: Path, steps: int, *, mapped_otherwise: bool = False) -> Site:
    """Return the installation in a folder, its desk after some rounds of changes."""
    site = Site(folder, desk_after(steps))
    (site.mapping / "values.toml").write_text(OTHER_VALUES if mapped_otherwise else VALUES, encoding="utf-8")
    return site


def few_checks(folder: Path) -> Plugins:
    """Return the plugins with a handful of checks only: what is killed here is the writing, not the judging."""
    plugins = build_plugin_manager()
    chosen = folder / "checks"
    chosen.mkdir(exist_ok=True)
    for name in CHECKS:
        shutil.copy(plugins.check_folders[0] / f"{name}.toml", chosen)
    plugins.__dict__ |= {"check_folders": [chosen], "kpi_folders": []}
    return plugins


def run_sync(site: Site, progress: Progress) -> None:
    sync(site.config, site.adapters, progress)


def run_remap(site: Site, progress: Progress) -> None:
    remap(site.config, site.adapters, progress)


def run_check(site: Site, progress: Progress) -> None:
    pipeline.check(site.config, few_checks(site.folder), now=NOW, progress=progress)


def run_export(site: Site, progress: Progress) -> None:
    pipeline.export(site.config, site.folder / "evidence", "parquet")


def run_reports(site: Site, progress: Progress) -> None:
    reports = site.config.report.model_copy(update={"path": site.folder / "reports"})
    config = site.config.model_copy(update={"report": reports})
    plugins = few_checks(site.folder)
    delivered = deliver_reports(config, plugins, pipeline.stored_view(config, plugins), notify=False)
    if delivered.exit_code == EXIT_NOT_DELIVERED:
        raise DeliveryError("told in the log")


def run_delivery(site: Site, progress: Progress) -> None:
    """Write all reports and an export into `reports` and `evidence`."""
    progress.note("delivering")
    run_export(site, progress)
    run_reports(site, progress)


JOBS: dict[str, Callable[[Site, Progress], None]] = {
    "sync": run_sync,
    "remap": run_remap,
    "check": run_check,
    "export": run_export,
    "reports": run_reports,
    "delivery": run_delivery,
}


def look(store: Store) -> dict[str, Any]:
    """Return what a store holds: what is published, what `verify` says, contents, and files that nobody knows."""
    report = verify(store)
    manifests = store.chain.manifests()
    snapshots = [manifest for manifest in manifests if manifest.kind == "snapshot"]
    return {
        "published": [
            (manifest.kind, manifest.number, {name: about["rows"] for name, about in manifest.body["tables"].items()})
            for manifest in manifests
        ],
        "problems": report.problems,
        "unpublished": report.unpublished,
        "contents": contents(store, snapshots[-1].number) if snapshots else {},
        "left": left_files(Path(store.path)),
    }


def contents(store: Store, snapshot: int) -> dict[str, str]:
    """Return a digest per table: canonical and source tables as of a snapshot, assessments as they stand.

    `doubled:` in the place of a digest names keys that stand in a table more than once.
    """
    found = {}
    for log in store.log_names():
        kind, _, name = log.partition("/")
        if kind == "canonical":
            found[name] = _digest(store.current(store.canonical_log(name), snapshot), tool_tables()[name].key[0])
        elif kind == "source":
            found[log] = _digest(store.current(Log(f"{store.path}/{log}", has_cursor=True), snapshot), "id")
    for name in ("check_result", "finding", "conclusion"):
        assessed = store.assessment_log(name)
        for number in (manifest.number for manifest in store.assessments() if assessed.exists):
            rows = assessed.rows().filter(pa.compute.field("_snapshot") == number)
            kept = [column for column in rows.column_names if column == "_key" or not column.startswith("_")]
            found[f"{name} {number}"] = _digest(rows.select(kept), "_key")
    return {name: digest for name, digest in found.items() if not digest.startswith("0 rows")}


def _digest(rows: pa.Table, key: str) -> str:
    doubled = [value for value, count in Counter(rows[key].to_pylist()).items() if count > 1]
    if doubled:
        return f"doubled: {doubled}"
    rows = rows.sort_by(key)
    held = [name for name in sorted(rows.column_names) if rows[name].null_count < rows.num_rows]
    return f"{rows.num_rows} rows {sha256(repr(rows.select(held).to_pydict()).encode()).hexdigest()[:16]}"


def left_files(store: Path) -> list[str]:
    """Name the files of a store that no commit of a table names, and that are no lasting state either."""
    known = {store / "state" / "writer.lock", store / "state" / "privacy.key"}
    for commits in store.rglob("_delta_log"):
        for commit in commits.glob("*.json"):
            known.add(commit)
            actions = (json.loads(line) for line in commit.read_text(encoding="utf-8").splitlines())
            named = (action.get(kind) for action in actions for kind in ("add", "remove"))
            known |= {commits.parent / about["path"] for about in named if about}
    return sorted(str(path.relative_to(store)) for path in store.rglob("*") if path.is_file() and path not in known)
