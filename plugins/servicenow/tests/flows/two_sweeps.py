"""The seeded company swept twice, a day apart, with the truth of the instance before and after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from simulated_site import SimulatedSite, failing

from itsm_bridge.reports.view import AssessmentView
from itsm_bridge.simulation import Request
from itsm_bridge.sync import SyncReport
from itsm_bridge_servicenow.adapter import ServiceNow
from itsm_bridge_servicenow.scope import Scope, audited_fields, fields_of_items, scope_of
from itsm_bridge_servicenow.streams import STREAMS
from itsm_bridge_servicenow.testing import Company, SimulatedServiceNow, advance, seeded_company
from itsm_bridge_servicenow.testing.records import Row

NOW = datetime(2025, 3, 20, 9, tzinfo=UTC)
SIZE = 650
_FOLDERS = [ServiceNow.mapping_folder()]
_AUDITED, _OF_ITEMS = audited_fields(_FOLDERS, ()), fields_of_items(_FOLDERS)
SCOPES = {stream.name: scope_of(stream, _AUDITED, _OF_ITEMS) for stream in STREAMS}
Truth = Mapping[str, Mapping[str, Row]]


@dataclass(frozen=True)
class Sweep:
    """One sweep: what the instance held, what was asked of it, what came of it."""

    truth: Truth
    synced: SyncReport
    view: AssessmentView
    requests: tuple[Request, ...]

    @property
    def streams(self) -> Mapping[str, Mapping[str, object]]:
        return self.synced.streams["prod"]

    def records_handed_out(self, stream: str) -> int:
        """Return how many records were handed out with more than their key."""
        asked = (request for request in self.requests if _is_for(SCOPES[stream], request))
        return sum(request.rows for request in asked if request.parameters.get("sysparm_fields") != "sys_id")

    def fields_asked(self, stream: str) -> set[str]:
        """Return the fields that were asked for, of the records of a stream."""
        asked = [r.parameters.get("sysparm_fields", "") for r in self.requests if _is_for(SCOPES[stream], r)]
        return {name for fields in asked for name in fields.split(",") if name}

    def meant(self, stream: str) -> dict[str, Row]:
        """Return the rows that a stream means: of logs, those of our tables and of fields whose history is wanted."""
        scope, rows = SCOPES[stream], self.truth[stream].items()
        return {key: row for key, row in rows if _holds(scope, row)}


@dataclass(frozen=True)
class TwoSweeps:
    """Two sweeps; in between a day went by (`planted`: newly wrong) and one wrong priority was put right (`mended`)."""

    site: SimulatedSite
    server: SimulatedServiceNow
    company: Company
    first: Sweep
    second: Sweep
    planted: Mapping[str, set[str]]
    mended: str

    def changed(self, table: str) -> set[str]:
        """Return the ids of rows that are new or differ in a field that is read."""
        before, after = self.first.meant(table), self.second.meant(table)
        fields = self.second.fields_asked(table)
        return {
            key
            for key, row in after.items()
            if key not in before or any(before[key].get(name) != row.get(name) for name in fields)
        }

    def gone(self, table: str) -> set[str]:
        """Return the ids of rows that are no longer there."""
        return self.first.meant(table).keys() - self.second.meant(table).keys()


@contextmanager
def swept_twice(folder: Path) -> Iterator[TwoSweeps]:
    """Sweep, let a day go by, put one priority right, sweep again."""
    company = seeded_company(now=NOW, size=SIZE)
    with SimulatedServiceNow(company.tables, now=NOW) as server:
        site = SimulatedSite(folder / "site", {"prod": server}, agreed=company.policy("prod"))
        first = _sweep(site, server)
        planted = advance(server)
        mended = min(failing(first.view)["INC-003"])
        server.update("incident", mended, {"priority": _agreed_priority(server, mended)})
        planted["DQ-005"] = {mended}  # put right, but after it was closed
        yield TwoSweeps(site, server, company, first, _sweep(site, server), planted, mended)


def _sweep(site: SimulatedSite, server: SimulatedServiceNow) -> Sweep:
    truth = {name: {row["sys_id"]: row for row in server.rows(scope.table)} for name, scope in SCOPES.items()}
    server.forget()
    synced = site.sync()
    requests = tuple(server.requests)
    return Sweep(truth, synced, site.check(now=server.now + timedelta(minutes=1)), requests)


def _holds(scope: Scope, row: Row) -> bool:
    has_begun = all(row[name].startswith(text) for name, text in scope.beginnings.items())
    return has_begun and all(row[name] in values for name, values in scope.filters.items())


def _is_for(scope: Scope, request: Request) -> bool:
    """Tell whether a request was made for a stream; two streams may read one table."""
    is_begun = "STARTSWITH" in request.parameters.get("sysparm_query", "")
    return request.about == scope.table and is_begun == bool(scope.beginnings)


def _agreed_priority(server: SimulatedServiceNow, key: str) -> str:
    (row,) = server.find("incident", sys_id=key)
    return str(int(row["impact"]) + int(row["urgency"]) - 1)
