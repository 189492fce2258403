"""A store that is filled from a simulated OTRS, and short words for what tests ask of both."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from itsm_bridge.analysis import open_store
from itsm_bridge.progress import SilentProgress
from itsm_bridge.settings import Config
from itsm_bridge.settings import Store as StoreSettings
from itsm_bridge.store.store import Store
from itsm_bridge.sync import SyncReport, sync
from itsm_bridge_otrs.adapter import OtrsAdapter
from itsm_bridge_otrs.testing import SimulatedOtrs

SECRET = "OTRS_FLOW_SECRET"
LEAN = ("ticket", "ticket_history", "ticket_article")
"""Enough for most tests: each further stream costs time."""


class OtrsSite:
    """One installation with one source; `settings` are added to those that reach the server."""

    def __init__(self, folder: Path, server: SimulatedOtrs, **settings: Any) -> None:
        self.folder, self.server = folder, server
        self.settings: dict[str, Any] = {
            "connections": 2, "batch_tickets": 20, "window_tickets": 100, "search_limit": 100, "streams": LEAN,
            "timezone": server.desk.wall.zone.key, **settings,
        }  # fmt: skip

    def sync(self, **how: Any) -> SyncReport:
        """Sync; the environment variable holds the secret."""
        given = {
            "adapter": "otrs", "url": self.server.url, "people": "keep", "username": self.server.username,
            "password": {"env": SECRET}, **self.settings,
        }  # fmt: skip
        source = OtrsAdapter.settings.model_validate(given)
        config = Config(
            store=StoreSettings(path=str(self.folder / "store")), sources={"desk": source},
            folder=self.folder, file=self.folder / "itsm-bridge.toml",
        )  # fmt: skip
        self.server.forget()
        return sync(config, {"otrs": OtrsAdapter}, SilentProgress(), **how)

    def held(self, stream: str, *columns: str) -> list[tuple[str | None, ...]]:
        """Current rows of a source table, in order of their keys."""
        store = Store(self.folder / "store")
        log = store.source_log("desk", stream)
        if not log.exists:
            return []
        table = store.current(log, store.snapshot().number, ["_key", *columns])
        return sorted(zip(*(table[name].to_pylist() for name in ("_key", *columns)), strict=True))

    def keys(self, stream: str = "ticket") -> set[str]:
        """Keys of a source table's current rows."""
        return {str(row[0]) for row in self.held(stream)}

    def visible(self) -> set[str]:
        """The truth: ids of the tickets that the account may see."""
        return {str(ticket.id) for ticket in self.server.visible()}

    def load(self, table: str) -> pd.DataFrame:
        """A canonical table."""
        return open_store(self.folder / "store").load(table)


def about(report: SyncReport, stream: str = "ticket") -> dict[str, Any]:
    """What a sync says about a stream."""
    return report.streams["desk"][stream]
