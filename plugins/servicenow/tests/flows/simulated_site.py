"""An installation that reads simulated instances: its configuration and policy, and short words for what tests do."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import itsm_bridge
from itsm_bridge import pipeline
from itsm_bridge.analysis import Bridge
from itsm_bridge.plugins import Plugins, build_plugin_manager
from itsm_bridge.policy import forms, template
from itsm_bridge.progress import Progress
from itsm_bridge.reports.view import AssessmentView
from itsm_bridge.settings import Config, load_config
from itsm_bridge.sync import SyncReport
from itsm_bridge_servicenow.demonstration import OVERLAY
from itsm_bridge_servicenow.testing import SCHEDULE_NAME, SimulatedServiceNow

DATA = Path(os.environ.get("ITSM_BRIDGE_TEST_DATA", Path(__file__).parents[5] / "shared" / "data"))
PASSWORD = "SIMULATED_SERVICENOW_PASSWORD"
FAILS_NOW = ("new", "persisting", "reopened")

_CALENDAR = f"""
[calendars.office]
timezone = "Europe/Berlin"
hours = {{ mon-fri = ["08:00-18:00"] }}
holidays = {{ country = "DE" }}

[[bindings]]
source = "*"
schedule = "{SCHEDULE_NAME}"
calendar = "office"
"""


@dataclass
class SimulatedSite:
    """A folder with configuration, policy and store; `settings` are added to every source as they are in TOML.

    `agreed` holds lines for files of the policy.
    """

    folder: Path
    sources: Mapping[str, SimulatedServiceNow]
    period: str = "365d"
    settings: Mapping[str, Any] = field(default_factory=dict)
    agreed: Mapping[str, str] = field(default_factory=dict)
    mappings: list[str] = field(default_factory=lambda: [str(OVERLAY)])

    def __post_init__(self) -> None:
        self.policy = self.folder / "policy"
        if not self.policy.exists():
            self.policy.mkdir(parents=True)
            for name, text in {**template(), **forms()}.items():
                own = _CALENDAR if name == "calendars.toml" else self.agreed.get(name, "")
                (self.policy / name).write_text(text + own, encoding="utf-8")
        self.configure()

    def copy(self, folder: Path) -> SimulatedSite:
        """Return the same installation in another folder, with all that its store holds."""
        shutil.copytree(self.folder, folder)
        return replace(self, folder=folder)

    def configure(self) -> None:
        """Write the configuration anew."""
        lines = ['[store]\npath = "data"\n[assessment]', f'period = "{self.period}"', 'policy = "policy"']
        for name, server in self.sources.items():
            settings = {"adapter": "servicenow", "url": server.url, "username": server.username}
            settings |= {"mappings": self.mappings, **self.settings}
            lines += [f"[sources.{name}]", f'password = {{ env = "{PASSWORD}" }}']
            lines += [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
        self.file.write_text("\n".join(lines) + "\n", encoding="utf-8")

    @property
    def file(self) -> Path:
        return self.folder / "itsm-bridge.toml"

    @cached_property
    def plugins(self) -> Plugins:
        return build_plugin_manager()

    @property
    def config(self) -> Config:
        return load_config(self.file, self.plugins)

    def sync(self, progress: Progress | None = None) -> SyncReport:
        return pipeline.sync(self.config, self.plugins, progress=progress)

    def check(self, *, as_of: str | int | None = None, now: datetime | None = None) -> AssessmentView:
        return pipeline.check(self.config, self.plugins, as_of=as_of, now=now)

    def open(self) -> Bridge:
        return itsm_bridge.open(self.file)

    def value(self, query: str) -> Any:
        """Return the single value of a query over the last snapshot."""
        return self._bridge.sql(query).iloc[0, 0]

    @cached_property
    def _bridge(self) -> Bridge:
        return self.open()


def native(key: str) -> str:
    """Return the tool's own key in an id of ours."""
    return key.rsplit(":", 1)[-1]


def failing(view: AssessmentView, source: str | None = None) -> dict[str, set[str]]:
    """Return the sys_ids that each check finds now; those that another finding explains are among them."""
    found: dict[str, set[str]] = {}
    for row in view.findings.to_pylist():
        if row["status"] in FAILS_NOW and source in (None, row["source_id"]):
            found.setdefault(row["check_id"], set()).add(native(row["work_item_id"] or row["subject"]))
    return found


def counts(view: AssessmentView, source: str = "*") -> dict[str, dict[str, int]]:
    """Return the counts of each check."""
    names = ("in_scope", "assessable", "not_assessable", "failing", "suppressed")
    rows: Iterable[Mapping[str, Any]] = view.results.to_pylist()
    return {row["check_id"]: {name: row[name] for name in names} for row in rows if row["source_id"] == source}
