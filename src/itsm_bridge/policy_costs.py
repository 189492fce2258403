"""Lints the policy in the light of what the store holds: the last assessment, and the names in its snapshot."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

from itsm_bridge import criteria
from itsm_bridge.assessment import load_clauses
from itsm_bridge.checking import needs_of
from itsm_bridge.plugins import Plugins
from itsm_bridge.policy.lint import PolicyReport, Standing, lint
from itsm_bridge.policy.names import columns_named, unknown_names
from itsm_bridge.privacy_key import store_privacy
from itsm_bridge.settings import Config
from itsm_bridge.store.reading import assessed_table, reading
from itsm_bridge.store.store import Store

_SILENT = ("not_assessed", "insufficient")


def lint_policy(config: Config, plugins: Plugins, now: datetime) -> PolicyReport:
    """Return what is wrong in the policy folder, and what its missing parts cost. Without a store, costs are untold."""
    store = Store(config.store.path)
    manifests = store.snapshots()
    snapshot = manifests[-1] if manifests else None
    sources = dict.fromkeys([*config.sources, *(snapshot.body["sources"] if snapshot else ())])
    checks = criteria.current_checks([*plugins.check_folders, *config.assessment.checks])
    kpis = criteria.current_kpis([*plugins.kpi_folders, *config.assessment.kpis])
    report, policy = lint(
        config.assessment.policy, tuple(sources), config.assessment.timezone, now, checks, kpis, needs_of(checks),
        load_clauses(), _standing(store),
    )  # fmt: skip
    if policy is None or snapshot is None:
        return report
    with reading(store, snapshot, columns_named(), memory=config.assessment.memory) as connection:
        found = unknown_names(connection, policy, store_privacy(config, store).people)
    return replace(report, remarks=(*report.remarks, *found))


def _standing(store: Store) -> Standing:
    assessments = store.assessments()
    if not assessments:
        return Standing()
    number = assessments[-1].number
    results = assessed_table(store, "check_result", number).to_pylist()
    points = {
        f"{row['clause']}/{point['number']}"
        for row in assessed_table(store, "conclusion", number).to_pylist()
        for point in json.loads(row["requirement"] or "[]")
        if point["state"] == "evidenced"
    }
    silent = {row["check_id"] for row in results if row["source_id"] == "*" and row["status"] in _SILENT}
    return Standing(number, frozenset(silent), frozenset(points))
