"""The preflight: who am I, what may I read, are clocks apart, what can therefore not be told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

from itsm_bridge.adapter import Access, Preflight
from itsm_bridge.errors import BadAnswer, PermissionDenied
from itsm_bridge_servicenow.access import access_of
from itsm_bridge_servicenow.capabilities import Histories, capabilities
from itsm_bridge_servicenow.discovery import Discovery
from itsm_bridge_servicenow.history import is_audited, is_measured
from itsm_bridge_servicenow.scope import Scope
from itsm_bridge_servicenow.settings import ServiceNowSettings
from itsm_bridge_servicenow.streams import TASK_TABLES
from itsm_bridge_servicenow.tables import Cancelled, Tables

_MAY_BE_EMPTY = ("metric_instance", "sys_audit_delete")
_CLOCK_TOLERANCE = 120


def survey(
    tables: Tables, discovery: Discovery, scopes: Mapping[str, Scope], wanted: Mapping[str, tuple[str, ...]],
    settings: ServiceNowSettings,
) -> Preflight:  # fmt: skip
    """Look at every stream that is to be read; raises SourceError when the instance lets nobody in."""
    difference = tables.clock_difference()
    identity = _identity(tables) or settings.username or settings.client_id or ""
    names = [name for name in scopes if settings.streams is None or name in settings.streams]
    known = discovery.fields(names)
    with ThreadPoolExecutor(settings.connections) as pool:
        seen = pool.map(
            lambda name: access_of(tables, scopes[name], wanted.get(name, ()), known.get(name) or None), names
        )
        access = {item.stream: item for item in seen}
        histories = _histories(tables, access, pool)
    return Preflight(
        identity=identity, product="ServiceNow", timezone="UTC", clock_difference_seconds=difference,
        access=tuple(access.values()), capabilities=capabilities(access, histories),
        problems=_problems(access, difference),
    )  # fmt: skip


def _identity(tables: Tables) -> str:
    try:
        # Two, because an instance that ignores the condition would show us somebody else.
        found = tables.first("sys_user", "sys_id=javascript:gs.getUserID()", ("user_name",), limit=2)
    except (PermissionDenied, BadAnswer, Cancelled):
        return ""
    return str(found[0].get("user_name") or "") if len(found) == 1 else ""


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


def _problems(access: Mapping[str, Access], difference: float) -> tuple[str, ...]:
    found = [f"{a.stream}: {a.reason}. {a.remedy}" for a in access.values() if not a.is_readable]
    for seen in (a for a in access.values() if a.is_readable):
        hidden = [name for name in seen.missing_fields if name not in seen.absent_fields]
        if hidden:
            found.append(f"{seen.stream}: {', '.join(hidden)} does not show. {seen.remedy}")
        if seen.absent_fields:
            found.append(f"{seen.stream}: {', '.join(seen.absent_fields)} does not exist in this instance")
    empty = [a.stream for a in access.values() if a.is_readable and a.rows == 0 and a.stream not in _MAY_BE_EMPTY]
    if empty:
        found.append(
            f"no rows in {', '.join(empty)}: the organisation does not use them, or a rule of the instance hides "
            "them from the account; what rests on them is not assessable"
        )
    if abs(difference) > _CLOCK_TOLERANCE:
        found.append(f"the instance's clock is {difference:+.0f} seconds away from ours")
    return tuple(found)
