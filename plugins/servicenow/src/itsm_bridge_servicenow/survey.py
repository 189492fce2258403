"""The preflight: who am I, what may I read, are clocks apart, what can therefore not be told."""

from __future__ import annotations

from collections.abc import Mapping
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

_FOLLOWED = ("state", "priority", "assignment_group")
_MAY_BE_EMPTY = ("metric_instance", "sys_audit_delete", "cmdb_ci_outage", "std_change_producer_version", "problem")
_CLOCK_TOLERANCE = 120


def survey(
    tables: Tables, discovery: Discovery, scopes: Mapping[str, Scope], wanted: Mapping[str, tuple[str, ...]],
    settings: ServiceNowSettings,
) -> Preflight:  # fmt: skip
    """Look at every stream that is to be read; raises SourceError when the instance lets nobody in."""
    difference = tables.clock_difference()
    identity = _identity(tables) or settings.username or settings.client_id or ""
    names = [name for name in scopes if settings.streams is None or name in settings.streams]
    known = discovery.fields([name for name in names])
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
    used = [name for name in TASK_TABLES if name in access and access[name].rows]
    pairs = [(table, field) for table in used for field in _FOLLOWED]
    audited: list[tuple[str, str]] = []
    if "sys_audit" in access and access["sys_audit"].is_readable:
        audited = [pair for pair, shows in zip(pairs, pool.map(lambda p: is_audited(tables, *p), pairs), strict=True) if shows]
    gaps = [(table, "state") for table in used if (table, "state") not in audited]
    measured: list[tuple[str, str]] = []
    if "metric_instance" in access and access["metric_instance"].is_readable:
        measured = [pair for pair, shows in zip(gaps, pool.map(lambda p: is_measured(tables, *p), gaps), strict=True) if shows]
    empty = [(table, field) for table in TASK_TABLES if table not in used for field in _FOLLOWED]
    return Histories(_grouped([*audited, *empty]), _grouped(measured))


def _grouped(pairs: list[tuple[str, str]]) -> dict[str, frozenset[str]]:
    return {table: frozenset(field for name, field in pairs if name == table) for table, _ in pairs}


def _problems(access: Mapping[str, Access], difference: float) -> tuple[str, ...]:
    found = [f"{a.stream}: {a.reason}. {a.remedy}" for a in access.values() if not a.is_readable]
    found += [
        f"{a.stream}: {', '.join(a.missing_fields)} does not show. {a.remedy}"
        for a in access.values() if a.is_readable and a.missing_fields
    ]  # fmt: skip
    empty = [a.stream for a in access.values() if a.is_readable and a.rows == 0 and a.stream not in _MAY_BE_EMPTY]
    if empty:
        found.append(
            f"no rows in {', '.join(empty)}: either the organisation does not use them, or a rule of the instance hides "
            "them from the account; what rests on them is not assessable"
        )
    if abs(difference) > _CLOCK_TOLERANCE:
        found.append(f"the instance's clock is {difference:+.0f} seconds away from ours")
    return tuple(found)
