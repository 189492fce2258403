"""The preflight: who am I, what may I read, are clocks apart, what can therefore not be told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from itsm_bridge.adapter import Access, Preflight
from itsm_bridge.errors import BadAnswer, PermissionDenied
from itsm_bridge_servicenow.access import access_of, not_installed, without_api
from itsm_bridge_servicenow.capabilities import Histories, capabilities
from itsm_bridge_servicenow.discovery import Discovery
from itsm_bridge_servicenow.history import is_audited, is_measured
from itsm_bridge_servicenow.query import one_of
from itsm_bridge_servicenow.scope import Scope
from itsm_bridge_servicenow.settings import ServiceNowSettings
from itsm_bridge_servicenow.streams import OF_PLUGINS, TASK_TABLES
from itsm_bridge_servicenow.tables import Cancelled, Tables

_CLOCK_TOLERANCE = 120
_RAW = "does not matter: raw values are read, which are UTC"
_BUILD = ("glide.buildname", "glide.buildtag")


def survey(
    tables: Tables, discovery: Discovery, scopes: Mapping[str, Scope], wanted: Mapping[str, tuple[str, ...]],
    settings: ServiceNowSettings,
) -> Preflight:  # fmt: skip
    """Look at every stream that is to be read; raises SourceError when the instance lets nobody in."""
    difference = tables.clock_difference()
    account = _account(tables)
    names = [name for name in scopes if settings.streams is None or name in settings.streams]
    known = discovery.fields({scopes[name].table for name in names})
    with ThreadPoolExecutor(settings.connections) as pool:
        seen = list(pool.map(lambda name: _access(tables, discovery, scopes[name], wanted.get(name, ()), known), names))
        if account is None and not any(item.is_readable for item in seen):
            # Everybody may see the own account: where even that is closed, it is not about tables.
            seen = [without_api(item) for item in seen]
        access = {item.stream: item for item in seen}
        histories = _histories(tables, access, pool)
    account = account or {}
    return Preflight(
        identity=str(account.get("user_name") or settings.username or settings.client_id or ""),
        product="ServiceNow", version=_version(tables), timezone="UTC", timezone_note=_note_on(account),
        clock_difference_seconds=difference, access=tuple(access.values()),
        capabilities=capabilities(access, histories), problems=_problems(difference),
    )  # fmt: skip


def _access(
    tables: Tables, discovery: Discovery, scope: Scope, wanted: tuple[str, ...],
    known: Mapping[str, frozenset[str]],
) -> Access:  # fmt: skip
    if scope.table in OF_PLUGINS and discovery.lacks(scope.table):
        return not_installed(scope.table)
    return access_of(tables, scope, wanted, known.get(scope.table) or None)


def _account(tables: Tables) -> Mapping[str, Any] | None:
    """Return our own account; None where the instance does not show it."""
    try:
        # Two, because an instance that ignores the condition would show us somebody else.
        found = tables.first("sys_user", "sys_id=javascript:gs.getUserID()", ("user_name", "time_zone"), limit=2)
    except (PermissionDenied, BadAnswer, Cancelled):
        return None
    return found[0] if len(found) == 1 else None


def _note_on(account: Mapping[str, Any]) -> str:
    zone = str(account.get("time_zone") or "")
    return f"the account's own, {zone or 'which is not told'}, {_RAW}"


def _version(tables: Tables) -> str:
    """Return what the instance calls its release; empty where it does not show that, as it need not."""
    try:
        rows = tables.first("sys_properties", one_of("name", _BUILD), ("name", "value"), limit=len(_BUILD))
    except (PermissionDenied, BadAnswer, Cancelled):
        return ""
    told = {str(row.get("name")): str(row.get("value") or "") for row in rows}
    return " ".join(filter(None, (told.get(name) for name in _BUILD)))


def _histories(tables: Tables, access: Mapping[str, Access], pool: ThreadPoolExecutor) -> Histories:
    """Look for histories table by table; a table without records lacks none."""
    used = [name for name in TASK_TABLES if name in access and access[name].rows != 0]
    audited = set(TASK_TABLES) - set(used)
    if _is_open(access, "sys_audit"):
        audited |= _those(used, pool.map(lambda table: is_audited(tables, table), used))
    gaps = [table for table in used if table not in audited]
    measured: set[str] = set()
    if _is_open(access, "metric_instance"):
        measured = _those(gaps, pool.map(lambda table: is_measured(tables, table), gaps))
    return Histories(frozenset(audited), frozenset(measured))


def _those(names: Iterable[str], verdicts: Iterable[bool]) -> set[str]:
    return {name for name, is_so in zip(names, verdicts, strict=True) if is_so}


def _is_open(access: Mapping[str, Access], stream: str) -> bool:
    return stream in access and access[stream].is_readable


def _problems(difference: float) -> tuple[str, ...]:
    if abs(difference) <= _CLOCK_TOLERANCE:
        return ()
    told = f"the instance's clock is {difference:+.0f} seconds away from ours"
    return (f"{told}. Have both set by a time server: what is late or overdue is reckoned by them.",)
