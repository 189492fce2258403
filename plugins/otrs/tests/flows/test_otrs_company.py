"""The seeded company, swept: without flaws nothing is found in it. That all flaws are is shown by the demo's tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib.metadata import EntryPoint
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from otrs_site import SECRET, OtrsSite

import itsm_bridge
from itsm_bridge import pipeline
from itsm_bridge.adapters.demo import served
from itsm_bridge.plugins import build_plugin_manager
from itsm_bridge.progress import SilentProgress
from itsm_bridge_otrs import demonstration, samples
from itsm_bridge_otrs.testing import SimulatedOtrs
from itsm_bridge_otrs.testing.company import TIMEZONE, Company, advance, seeded_company

NOW = datetime(2026, 3, 18, 10, tzinfo=UTC)


def test_a_company_without_flaws_gives_no_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert findings_about(seeded_company(now=NOW, size=150, flawed=False), tmp_path, monkeypatch) == {}


def findings_about(company: Company, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, set[str]]:
    """Sweep a company as the demo does, and return per check what is found in it; the registers are the demo's own."""
    monkeypatch.setattr(demonstration, "seeded_company", lambda **_: company)
    monkeypatch.setattr(samples, "time", SimpleNamespace(time=company.now.timestamp))
    plugins = build_plugin_manager([EntryPoint("otrs", "itsm_bridge_otrs", "itsm_bridge")])
    with served(folder / "demo", plugins, SilentProgress(), NOW.date()) as demo:
        pipeline.sweep(demo.config, plugins, now=NOW)
    findings = itsm_bridge.open(folder / "demo" / "data").findings()
    findings = findings[findings["source_id"] == "demo-otrs"]
    found: dict[str, set[str]] = {}
    for check, record in zip(findings["check_id"], findings["work_item_id"].fillna(findings["subject"]), strict=True):
        found.setdefault(check, set()).add(str(record).rpartition(":")[2].removesuffix("@demo-otrs"))
    return found


def test_another_day_is_read_as_it_is_and_not_much_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    company = seeded_company(now=datetime.now(UTC).replace(microsecond=0) - timedelta(days=1), size=80)
    with SimulatedOtrs(desk=company.desk) as server:
        monkeypatch.setenv(SECRET, server.password)
        site = OtrsSite(tmp_path, server)
        site.sync()
        advance(company.desk)
        site.sync(wants_census=True)
        tickets = server.visible()
    names = company.desk.words.states.by_id
    truth = sorted((str(one.id), company.desk.wall.text(one.changed), names[one.state].name) for one in tickets)
    local = [(key, in_zone(changed), state) for key, changed, state in site.held("ticket", "Changed", "State")]
    assert local == truth
    assert 0 < server.rows_about["TicketHistoryGet"] < len(truth) / 2


def in_zone(changed: str | None) -> str:
    """What the clock of the company shows at a UTC time of the store."""
    return f"{datetime.fromisoformat(f'{changed}+00:00').astimezone(ZoneInfo(TIMEZONE)):%Y-%m-%d %H:%M:%S}"
