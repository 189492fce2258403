"""What administrators set up on the site: people, groups, projects, fields, words and releases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

from itsm_bridge_jira_sm.testing import field_list
from itsm_bridge_jira_sm.testing.instants import Instant, millis
from itsm_bridge_jira_sm.testing.records import (
    AssetObject,
    Component,
    Organization,
    Person,
    Project,
    RequestType,
    Term,
    Version,
)
from itsm_bridge_jira_sm.testing.site import Site, account_id

REQUEST_TYPES = (
    ("Report a system problem", "[System] Incident", "incidents"),
    ("Get IT help", "[System] Service request", "service_requests"),
    ("Request access", "[System] Service request with approvals", "service_requests"),
    ("Request a change", "[System] Change", "changes"),
    ("Investigate a problem", "[System] Problem", "problems"),
)


class Reference:
    """The administrators' side of a simulated site."""

    def __init__(self, site: Site) -> None:
        self.site = site

    # -- people ---------------------------------------------------------------------------------------

    def add_person(
        self, login: str, name: str = "", *, email: str = "", zone: str = "UTC",
        kind: Literal["atlassian", "customer", "app"] = "atlassian", groups: Sequence[str] = (), account: str = "",
    ) -> str:  # fmt: skip
        """Give somebody an account; returns how the site names them (`account_id` on Cloud, `key` on Data Center)."""
        site = self.site
        shown = name or login.replace(".", " ").title()
        key = f"JIRAUSER{10100 + len(site.people)}"
        address = email or f"{login}@example.com"
        site.people[login] = Person(login, account or account_id(login), key, shown, address, zone, kind)
        for group in groups:
            self.add_group(group, [login])
        return self.person(login)

    def person(self, login: str) -> str:
        """Return how the site names a person: an account id on Cloud, a user key on Data Center."""
        found = self.site.people[login]
        return found.account_id if self.site.is_cloud else found.key

    def forget_person(self, login: str) -> None:
        """Delete somebody's account: histories lose their author."""
        self.site.people[login].is_forgotten = True
        self.site.people[login].is_active = False

    def add_group(self, name: str, members: Sequence[str] = ()) -> None:
        """Add members to a group, which comes into being where there is none."""
        group = self.site.groups.setdefault(name, [])
        group += [login for login in members if login not in group]

    def add_asset(
        self, number: int, label: str, *, kind: str = "Host", at: Instant | None = None, **values: Any
    ) -> None:
        """Put an object into Assets; `values` are its attributes, with `_` for blanks: `Last_verified`."""
        site, moment = self.site, millis(at) if at is not None else self.site.present
        named = {name.replace("_", " "): value for name, value in values.items()}
        site.assets[number] = AssetObject(number, label, kind, moment, moment, named)

    # -- projects -------------------------------------------------------------------------------------

    def add_project(
        self, key: str, name: str = "", *, kind: str = "service_desk", is_simplified: bool = False,
        types: Sequence[str] = (), statuses: Sequence[str] = (), request_types: bool = True,
    ) -> str:  # fmt: skip
        """Add a project, with a service desk and its request types unless `kind` is another; returns its id."""
        site = self.site
        number = str(10000 + len(site.projects))
        desk = str(1 + len(site.projects)) if kind == "service_desk" else ""
        kept = tuple(site.term("issuetype", type_).id for type_ in types)
        used = tuple(site.term("status", status).id for status in statuses)
        site.projects[number] = Project(
            number, key, name or f"{key} support", kind, is_simplified, desk, types=kept, statuses=used
        )
        if desk and request_types:
            for label, type_, practice in REQUEST_TYPES:
                self.add_request_type(key, label, type_, practice)
        return number

    def add_request_type(self, project: str, name: str, issue_type: str, practice: str = "") -> str:
        """Add a request type to a project's portal; returns its id."""
        site = self.site
        number = str(1 + len(site.request_types))
        type_ = site.term("issuetype", issue_type).id
        site.request_types[number] = RequestType(number, site.project(project).desk, name, type_, practice)
        return number

    def archive_project(self, project: str) -> None:
        """Archive a project: its issues no longer show."""
        self._put_away(project, "archived")

    def trash_project(self, project: str) -> None:
        """Move a project to the trash."""
        self._put_away(project, "deleted")

    def lose_project(self, project: str) -> None:
        """Take the account's right to browse a project away."""
        with self.site.lock:
            self.site.changes += 1
            self.site.lost.add(self.site.project(project).id)

    def regain_project(self, project: str) -> None:
        """Give the right to browse a project back."""
        with self.site.lock:
            self.site.changes += 1
            self.site.lost.discard(self.site.project(project).id)

    def _put_away(self, project: str, state: Literal["archived", "deleted"]) -> None:
        with self.site.lock:
            self.site.changes += 1
            self.site.project(project).state = state

    # -- fields and words -----------------------------------------------------------------------------

    def add_field(self, name: str, kind: str = "text", *, logical: str = "", project: str = "") -> str:
        """Add a custom field of a plain kind; names may be double. Returns its id.

        With `project` it belongs to that team-managed project alone.
        """
        site = self.site
        number = 1 + max(int(f.id.partition("_")[2]) for f in site.fields.values() if f.is_custom)
        scope = site.project(project).id if project else ""
        field = field_list.typed(f"customfield_{number}", name, logical or name, kind, scope)
        site.fields[field.id] = field
        return field.id

    def add_metric(self, name: str) -> str:
        """Add a service-level metric: a field of its own. Returns the field's id."""
        site = self.site
        number = 1 + max(int(f.id.partition("_")[2]) for f in site.fields.values() if f.is_custom)
        site.fields[f"customfield_{number}"] = field_list.sla_field(f"customfield_{number}", name)
        return f"customfield_{number}"

    def rename_field(self, field: str, name: str) -> None:
        """Rename or translate a field; `field` is its id, logical name or name."""
        found = self.site.field(field)
        self.site.fields[found.id] = replace(found, name=name)

    def hide_field(self, field: str) -> None:
        """Let a field no longer show, as a field configuration does; it is missing from issues and from the list."""
        self.site.hidden_fields.add(self.site.field(field).id)

    def field_id(self, field: str) -> str:
        """Return the id of a field by its logical name or name."""
        return self.site.field(field).id

    def rename_term(self, kind: str, term: str, name: str) -> None:
        """Rename or translate a `status`, `priority`, `resolution` or `issuetype`; its id stays."""
        self.site.term(kind, term).name = name

    def add_term(self, kind: str, name: str, category: str = "", *, project: str = "", **more: Any) -> str:
        """Add a `status` (with its category), `priority`, `resolution` or `issuetype`; returns its id."""
        site = self.site
        scope = site.project(project).id if project else ""
        terms = site.terms[kind]
        number = str(1 + max(int(id) for id in terms))  # noqa: A001
        terms[number] = Term(number, name, category, project=scope, **more)
        return number

    # -- things of a project --------------------------------------------------------------------------

    def add_version(
        self, project: str, name: str, *, release: str = "", start: str = "", is_released: bool = False
    ) -> str:
        """Add a release; dates are `YYYY-MM-DD`. Returns its id."""
        site = self.site
        number = str(10000 + len(site.versions))
        site.versions[number] = Version(number, site.project(project).id, name, is_released, False, start, release)
        return number

    def add_component(self, project: str, name: str, lead: str = "") -> str:
        """Add a component; returns its id."""
        site = self.site
        number = str(10000 + len(site.components))
        site.components[number] = Component(number, site.project(project).id, name, lead)
        return number

    def add_organization(self, name: str, created: Instant | None = None) -> str:
        """Add a customers' organisation; returns its id."""
        site = self.site
        number = str(1 + len(site.organizations))
        moment = site.present if created is None else millis(created)
        site.organizations[number] = Organization(number, name, moment)
        return number

    # -- what lies below ------------------------------------------------------------------------------

    def _field(self, project: Project, name: str) -> field_list.Field:
        own = (f for f in self.site.fields.values() if f.project == project.id and name in (f.logical, f.name))
        return next(own, None) or self.site.field(name)

    def _serial(self) -> str:
        return str(20000 + next(self.site.serial))
