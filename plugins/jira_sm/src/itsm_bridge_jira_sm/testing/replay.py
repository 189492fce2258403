"""Real issues of a Cloud site, as its search returned them with their changelogs, served again as they were."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from itsm_bridge_jira_sm.testing.field_list import SYSTEM, typed
from itsm_bridge_jira_sm.testing.instants import millis
from itsm_bridge_jira_sm.testing.records import History, Issue, Item, Person, Project, Raw, Term
from itsm_bridge_jira_sm.testing.site import Site
from itsm_bridge_jira_sm.testing.values import TERMS

_KNOWN = {field.id: field for field in SYSTEM}


def replayed(issues: Iterable[Mapping[str, Any]], now: datetime | None = None) -> Site:
    """Return a site that holds these issues; their own ids, words and histories, and fields without names.

    Of an issue that is given several times, the last changed one counts.
    """
    site = Site(now=now)
    site.fields = dict(_KNOWN)
    site.people[site.account] = Person(site.account, "svc-bridge", "", "ITSM Bridge", "svc-bridge@example.com")
    for kind in TERMS:
        site.terms[kind].clear()
    for told in sorted(issues, key=lambda one: str(one["fields"]["updated"])):
        _add(site, told)
    return site


def _add(site: Site, told: Mapping[str, Any]) -> None:
    fields = told["fields"]
    project = fields["project"]
    home = site.projects.setdefault(project["id"], Project(project["id"], project["key"], project["name"]))
    home.kind = project.get("projectTypeKey", home.kind)
    values = {name: _stored(site, name, value) for name, value in fields.items() if name != "project"}
    created, updated = (_instant(fields[name]) for name in ("created", "updated"))
    for name in ("created", "updated"):
        values.pop(name)
    issue = Issue(int(told["id"]), told["key"], home.id, created, updated, values)
    issue.history = [_history(site, one) for one in told["changelog"]["histories"]]
    home.last_number = max(home.last_number, issue.number)
    site.issues[issue.id] = issue
    site.keys[issue.key] = issue.id


def _stored(site: Site, name: str, value: Any) -> Any:
    if name not in site.fields:
        site.fields[name] = typed(name, name, name, "raw")
    kind = site.fields[name].kind
    if value is None:
        return None
    if kind in TERMS:
        category = value.get("statusCategory", {}).get("key", "")
        site.terms[kind][value["id"]] = Term(value["id"], value["name"], category, bool(value.get("subtask")))
        return value["id"]
    if kind == "person":
        return _person(site, value)
    if kind == "datetime":
        return _instant(value)
    return value if kind == "text" and isinstance(value, str) else Raw(value)


def _history(site: Site, told: Mapping[str, Any]) -> History:
    items = [
        Item(item["field"], item.get("fieldId") or "", item["fieldtype"], item["from"], item["fromString"], item["to"],
             item["toString"])
        for item in told["items"]
    ]  # fmt: skip
    author = _person(site, told["author"]) if told.get("author") else ""
    return History(told["id"], _instant(told["created"]), author, items)


def _person(site: Site, told: Mapping[str, Any]) -> str:
    account = str(told["accountId"])
    site.people.setdefault(account, Person(account, account, "", told["displayName"], told.get("emailAddress", "")))
    return account


def _instant(text: str) -> int:
    return millis(datetime.fromisoformat(text))
