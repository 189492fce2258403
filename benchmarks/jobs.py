"""What is measured, each in a process of its own. A job prepares (imports, settings) and returns what is timed."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.judging import Timed, company, engine, six_in_pandas, ten_rules

PAGE_ROWS = 1000
ISSUES_AT_ONCE = 100
TICKETS_AT_ONCE = 100
_IMPORTS = (
    "itsm_bridge.sync", "itsm_bridge.remap", "itsm_bridge.verify", "itsm_bridge_servicenow.adapter", "pyarrow.dataset",
    "pyarrow.compute", "deltalake.writer", "charset_normalizer", "itsm_bridge_jira_sm.adapter",
    "itsm_bridge_otrs.adapter",
)  # fmt: skip


def bare_loop(url: str, rows: int) -> Timed:
    """The least that anybody has to do: fetch every page, parse it, throw it away."""
    import orjson
    import requests

    session = requests.Session()
    session.auth = ("reader", "benchmark")
    table = f"{url}/api/now/table/incident"

    def run() -> dict[str, Any]:
        seen = 0
        for offset in range(0, rows, PAGE_ROWS):
            asked = {"sysparm_limit": str(PAGE_ROWS), "sysparm_offset": str(offset)}
            answer = session.get(table, params=asked)
            seen += len(orjson.loads(answer.content)["result"])
        return {"rows": seen}

    return run


def sync(url: str, store: str, connections: int = 4, window_rows: int = 20_000) -> Timed:
    """One sync of the incidents into a store: adapter, decoder, source table, canonical tables, snapshot."""
    config, adapters = _configured(url, store, connections, window_rows)
    from itsm_bridge.progress import SilentProgress
    from itsm_bridge.sync import sync as run_sync

    def run() -> dict[str, Any]:
        report = run_sync(config, adapters, SilentProgress())
        about = report.streams["bench"]["incident"]
        if about["status"] != "complete":
            raise RuntimeError(f"the sync is not complete: {about}")
        return {"received": about["received"], "appended": about["appended"], "held": about["held"]}

    return run


def bare_jira_loop(url: str, entries: int) -> Timed:
    """The same of Jira: every page of issues, and the histories of its issues where there are any."""
    import orjson
    import requests

    from benchmarks.jira_server import TOKEN

    session = requests.Session()
    session.auth = ("reader", TOKEN)
    api = f"{url}/rest/api/2"
    fields = [field["id"] for field in session.get(f"{api}/field").json()]

    def told(path: str, body: dict[str, Any]) -> dict[str, Any]:
        parsed: dict[str, Any] = orjson.loads(session.post(f"{api}/{path}", json=body).content)
        return parsed

    def run() -> dict[str, Any]:
        body: dict[str, Any] = {"jql": "project = IT ORDER BY created", "fields": fields, "maxResults": ISSUES_AT_ONCE}
        seen = changes = 0
        while True:
            page = told("search/jql", body)
            seen += len(page["issues"])
            if entries:
                asked = {"issueIdsOrKeys": [issue["id"] for issue in page["issues"]], "maxResults": 10_000}
                logs = told("changelog/bulkfetch", asked)["issueChangeLogs"]
                changes += sum(len(entry["items"]) for log in logs for entry in log["changeHistories"])
            if "nextPageToken" not in page:
                return {"issues": seen, "changes": changes}
            body["nextPageToken"] = page["nextPageToken"]

    return run


def sync_jira(url: str, store: str, entries: int, connections: int = 4) -> Timed:
    """One sync of all streams of Jira into a store; without histories where there are none to read."""
    from benchmarks.jira_server import TOKEN
    from itsm_bridge_jira_sm.adapter import JiraServiceManagement

    streams = [stream.name for stream in JiraServiceManagement.streams if entries or stream.name != "issue_history"]
    os.environ["BENCHMARK_TOKEN"] = TOKEN
    config, adapters = _configuration(store, JiraServiceManagement, {
        "url": url, "username": "reader", "api_token": {"env": "BENCHMARK_TOKEN"}, "streams": streams,
        "connections": connections,
    })  # fmt: skip
    from itsm_bridge.progress import SilentProgress
    from itsm_bridge.sync import sync as run_sync

    def run() -> dict[str, Any]:
        found = run_sync(config, adapters, SilentProgress()).streams["bench"]
        bad = {name: about for name, about in found.items() if about["status"] not in ("complete", "skipped")}
        if bad:
            raise RuntimeError(f"the sync is not complete: {bad}")
        changes = found["issue_history"]["held"] if entries else 0
        return {"issues": found["issue"]["held"], "changes": changes, "clocks": found["issue_sla"]["held"]}

    return run


def bare_otrs_loop(url: str, tickets: int, at_once: int) -> Timed:
    """The same of OTRS: the ids of all tickets, then the tickets and their histories, so many at once."""
    import orjson
    import requests

    from benchmarks.otrs_server import WEB_SERVICE

    session = requests.Session()
    session.headers.update({"X-OTRS-Header-UserLogin": "reader", "X-OTRS-Header-Password": "benchmark"})
    flags = {"Extended": "1", "DynamicFields": "1", "AllArticles": "1"}
    asked = 0

    def told(path: str, parameters: dict[str, str]) -> dict[str, Any]:
        nonlocal asked
        asked += 1
        parsed: dict[str, Any] = orjson.loads(session.get(f"{url}{WEB_SERVICE}/{path}", params=parameters).content)
        return parsed

    def run() -> dict[str, Any]:
        ids = told("Ticket", {"Limit": "10000000"})["TicketID"][:tickets]
        seen = changes = 0
        for start in range(0, len(ids), at_once):
            some = ",".join(ids[start : start + at_once])
            seen += len(told(f"Ticket/{some}", flags)["Ticket"])
            changes += sum(len(each["History"]) for each in told(f"TicketHistory/{some}", {})["TicketHistory"])
        return {"tickets": seen, "changes": changes, "requests": asked}

    return run


def sync_otrs(url: str, store: str) -> Timed:
    """One sync of all streams of OTRS into a store."""
    from itsm_bridge_otrs.adapter import OtrsAdapter

    os.environ["BENCHMARK_PASSWORD"] = "benchmark"
    opened: list[OtrsAdapter] = []

    class Watched(OtrsAdapter):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            opened.append(self)

    config, _ = _configuration(store, OtrsAdapter, {
        "url": url, "username": "reader", "password": {"env": "BENCHMARK_PASSWORD"}, "timezone": "UTC",
        "batch_tickets": TICKETS_AT_ONCE,
    })  # fmt: skip
    from itsm_bridge.progress import SilentProgress
    from itsm_bridge.sync import sync as run_sync

    def run() -> dict[str, Any]:
        found = run_sync(config, {"otrs": Watched}, SilentProgress()).streams["bench"]
        bad = {name: about for name, about in found.items() if about["status"] not in ("complete", "skipped")}
        if bad:
            raise RuntimeError(f"the sync is not complete: {bad}")
        requests = sum(adapter.traffic.requests for adapter in opened)
        return {"tickets": found["ticket"]["held"], "changes": found["ticket_history"]["held"], "requests": requests}

    return run


def remap(url: str, store: str) -> Timed:
    """Apply a mapping that changed to everything that is held."""
    overlay = Path(store).parent / "overlay"
    overlay.mkdir(exist_ok=True)
    # A corrected mapping: one field goes to another column, so every work item is projected again.
    (overlay / "incident.toml").write_text(
        'stream = "incident"\n[work_item]\nsupplier_reference = "number"\n', encoding="utf-8"
    )
    config, adapters = _configured(url, store, 4, 20_000, mappings=(overlay,))
    from itsm_bridge.progress import SilentProgress
    from itsm_bridge.remap import remap as run_remap

    def run() -> dict[str, Any]:
        report = run_remap(config, adapters, SilentProgress())
        return {"appended": report.appended}

    return run


def _configured(
    url: str, store: str, connections: int, window_rows: int, mappings: tuple[Path, ...] = ()
) -> tuple[Any, dict[str, Any]]:
    from itsm_bridge_servicenow.adapter import ServiceNow

    os.environ["BENCHMARK_PASSWORD"] = "benchmark"
    return _configuration(store, ServiceNow, {
        "url": url, "username": "reader", "password": {"env": "BENCHMARK_PASSWORD"}, "streams": ["incident"],
        "connections": connections, "window_rows": window_rows, "mappings": list(mappings),
    })  # fmt: skip


def _configuration(store: str, adapter: type[Any], settings: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    for name in _IMPORTS:
        import_module(name)
    from itsm_bridge.settings import Config, Store

    source = adapter.settings.model_validate({"adapter": adapter.name, **settings})
    folder = Path(store).parent
    config = Config(store=Store(path=store), folder=folder, file=folder / "itsm-bridge.toml")
    return config.model_copy(update={"sources": {"bench": source}}), {adapter.name: adapter}


JOBS: dict[str, Callable[..., Timed]] = {
    "bare_loop": bare_loop, "sync": sync, "bare_jira_loop": bare_jira_loop, "sync_jira": sync_jira,
    "bare_otrs_loop": bare_otrs_loop, "sync_otrs": sync_otrs, "remap": remap,
    "company": company, "engine": engine, "ten_rules": ten_rules, "six_in_pandas": six_in_pandas,
}  # fmt: skip
