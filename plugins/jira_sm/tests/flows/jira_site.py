"""A store that is filled from a simulated Jira, and short words for what tests ask of both."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd

from itsm_bridge.analysis import open_store
from itsm_bridge.progress import SilentProgress
from itsm_bridge.settings import Config
from itsm_bridge.settings import Store as StoreSettings
from itsm_bridge.store.store import Store
from itsm_bridge.sync import SyncReport, sync
from itsm_bridge_jira_sm.adapter import JiraServiceManagement
from itsm_bridge_jira_sm.testing import SimulatedJira

SECRET = "JIRA_FLOW_SECRET"
LEAN = ("issue", "issue_history", "issue_comment", "issue_sla", "status")
"""Enough for most tests: each further stream costs time."""
DATA = Path(os.environ.get("ITSM_BRIDGE_TEST_DATA", Path(__file__).parents[5] / "shared" / "data"))


class JiraSite:
    """One installation with one source; `settings` are added to those that reach the server."""

    def __init__(self, folder: Path, server: SimulatedJira, **settings: Any) -> None:
        self.folder, self.server = folder, server
        self.settings: dict[str, Any] = {
            "connections": 2,
            "page_size": 20,
            "window_rows": 100,
            "streams": LEAN,
            **settings,
        }

    def sync(self, **how: Any) -> SyncReport:
        """Sync; the environment variable holds the secret."""
        given = {"adapter": "jira_sm", "url": self.server.url, "people": "keep", **self._way_in(), **self.settings}
        source = JiraServiceManagement.settings.model_validate(given)
        config = Config(
            store=StoreSettings(path=str(self.folder / "store")), sources={"jira": source},
            folder=self.folder, file=self.folder / "itsm-bridge.toml",
        )  # fmt: skip
        self.server.forget()
        return sync(config, {"jira_sm": JiraServiceManagement}, SilentProgress(), **how)

    def _way_in(self) -> dict[str, Any]:
        if self.server.site.is_cloud:
            return {"username": self.server.username, "api_token": {"env": SECRET}}
        return {"token": {"env": SECRET}}

    def held(self, stream: str, *columns: str) -> list[tuple[str | None, ...]]:
        """Current rows of a source table, in order of their keys."""
        store = Store(self.folder / "store")
        log = store.source_log("jira", stream)
        if not log.exists:
            return []
        table = store.current(log, store.snapshot().number, ["id", *columns])
        return sorted(zip(*(table[name].to_pylist() for name in ("id", *columns)), strict=True))

    def keys(self, stream: str) -> list[str]:
        """Keys of a source table's current rows."""
        return [str(row[0]) for row in self.held(stream)]

    def load(self, table: str) -> pd.DataFrame:
        """A canonical table."""
        return open_store(self.folder / "store").load(table)

    def asked(self) -> Counter[str]:
        """How many requests each kind of path got, numbers in paths left out."""
        found: Counter[str] = Counter()
        for path, count in self.server.requests_about.items():
            found["/".join("…" if part.isdigit() else part for part in path.split("/"))] += count
        return found


def about(report: SyncReport, stream: str = "issue") -> dict[str, Any]:
    """What a sync says about a stream."""
    return report.streams["jira"][stream]
