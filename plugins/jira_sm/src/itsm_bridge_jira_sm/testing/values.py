"""How values are stored, and what the changelog says of them: its ids and its words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from itsm_bridge_jira_sm.testing.field_list import Field
from itsm_bridge_jira_sm.testing.instants import millis, written
from itsm_bridge_jira_sm.testing.records import Person, Raw
from itsm_bridge_jira_sm.testing.site import Site

TERMS = frozenset({"status", "priority", "resolution", "issuetype"})
Said = tuple[str | None, str | None]


def stored(site: Site, field: Field, value: Any) -> Any:
    """Return a value as it is stored: tests name terms, people and so on by name or id; raises KeyError."""
    if value is None or isinstance(value, Raw):
        return value
    kind = field.kind
    if kind in TERMS:
        return site.term(kind, value).id
    if kind == "person":
        return site.people[value].login
    if kind == "persons":
        return [site.people[login].login for login in value]
    if kind == "datetime":
        return millis(value)
    if kind == "parent":
        return site.issue(value).id
    known: Any = {
        "components": site.components, "versions": site.versions, "organizations": site.organizations,
    }.get(kind)  # fmt: skip
    if known is not None:
        return [_id(known, name) for name in value]
    return _id(site.request_types, value) if kind == "request_type" else value


def said(site: Site, field: Field, value: Any) -> Said:
    """Return id and words of a stored value for the changelog."""
    if value is None or value == [] or isinstance(value, Raw):
        return None, None
    kind = field.kind
    if kind in TERMS:
        return value, site.terms[kind][value].name
    if kind == "person":
        return native(site, site.people[value]), site.people[value].display_name
    if kind == "persons":
        people = [site.people[login] for login in value]
        return f"[{', '.join(native(site, one) for one in people)}]", ", ".join(one.display_name for one in people)
    if kind == "option":
        return site.option(field, value), value
    if kind == "datetime":
        return written(value), written(value)
    known: Any = {"components": site.components, "versions": site.versions, "organizations": site.organizations,
                  "request_type": site.request_types}.get(kind)  # fmt: skip
    if known is not None:
        ids = [value] if isinstance(value, str) else value
        return ", ".join(ids), ", ".join(known[id].name for id in ids)  # noqa: A001
    return None, value if isinstance(value, str) else str(value)


def native(site: Site, person: Person) -> str:
    """Return how the site names a person: an account id on Cloud, a user key on Data Center."""
    return person.account_id if site.is_cloud else person.key


def _id(known: Mapping[str, Any], name: str) -> str:
    if name in known:
        return name
    found = next((id for id, one in known.items() if one.name == name), None)  # noqa: A001
    if found is None:
        raise KeyError(f"the simulated Jira knows no {name!r}")
    return found
