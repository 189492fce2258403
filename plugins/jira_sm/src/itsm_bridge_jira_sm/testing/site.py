"""The site behind the server: its issues and words, who may see what, and what its search index knows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from copy import copy
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from itertools import count
from typing import NoReturn

from itsm_bridge_jira_sm.testing import vocabulary
from itsm_bridge_jira_sm.testing.field_list import Field, default_fields
from itsm_bridge_jira_sm.testing.instants import millis
from itsm_bridge_jira_sm.testing.records import (
    AssetObject,
    Component,
    Issue,
    LinkType,
    Organization,
    Person,
    Project,
    RequestType,
    Term,
    Version,
)  # fmt: skip

Predicate = Callable[[Issue], bool]


class Site:
    """What exists, and how the account sees it. `now` is the site's clock; a test moves it.

    `hidden` are ids of issues under issue security, `lost` ids of projects that may not be browsed any more,
    `hidden_fields` ids of fields that no longer show. `is_agent` says whether the account may see service-level clocks.
    `index_delay` is how long a change takes to reach the search index. An issue shows its `comments_embedded` first
    comments, and how many there are.
    """

    def __init__(self, *, is_cloud: bool = True, now: datetime | None = None, account: str = "svc-bridge") -> None:
        self.is_cloud = is_cloud
        self.account = account
        self._now = now
        self.lock = threading.RLock()
        self.fields: dict[str, Field] = {f.id: f for f in default_fields(vocabulary.METRICS, is_cloud=is_cloud)}
        self.terms: dict[str, dict[str, Term]] = {
            "status": _by_id(vocabulary.statuses()), "priority": _by_id(vocabulary.priorities()),
            "resolution": _by_id(vocabulary.resolutions()), "issuetype": _by_id(vocabulary.issue_types()),
        }  # fmt: skip
        self.link_types: dict[str, LinkType] = {kind.id: kind for kind in vocabulary.link_types()}
        self.people: dict[str, Person] = {}
        self.groups: dict[str, list[str]] = {"jira-servicemanagement-users": [], "jira-administrators": []}
        self.projects: dict[str, Project] = {}
        self.versions: dict[str, Version] = {}
        self.components: dict[str, Component] = {}
        self.request_types: dict[str, RequestType] = {}
        self.organizations: dict[str, Organization] = {}
        self.assets: dict[int, AssetObject] = {}
        self.asset_attributes: dict[str, str] = {
            "Name": "text", "Status": "status", "Owner": "user", "Description": "text", "Environment": "text",
            "Last verified": "date", "Depends on": "object",
        }  # fmt: skip
        self.options: dict[tuple[str, str], str] = {}
        self.issues: dict[int, Issue] = {}
        self.spared: set[str] = set()
        """Issues that another day is to leave where they are, because something is to be found in them."""
        self.keys: dict[str, int] = {}
        self.parts: dict[int, set[int]] = {}
        self.hidden: set[int] = set()
        self.lost: set[str] = set()
        self.hidden_fields: set[str] = set()
        self.is_agent = True
        self.index_delay = timedelta(0)
        self.comments_embedded = 100
        self.changes = 0
        self.serial = count(1)
        self._rules: list[Predicate] = []
        self._late: dict[int, tuple[int, Issue | None]] = {}

    # -- time -----------------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        """The site's time: the one it was given, else the machine's."""
        return self._now or datetime.now(UTC)

    @now.setter
    def now(self, moment: datetime) -> None:
        self._now = moment

    @property
    def present(self) -> int:
        """The site's time in milliseconds."""
        return millis(self.now)

    @property
    def zone(self) -> str:
        """The timezone in the profile of the account that asks."""
        return self.people[self.account].zone

    # -- finding --------------------------------------------------------------------------------------

    def issue(self, name: str | int) -> Issue:
        """Return an issue by id or by any key that it ever had; raises KeyError."""
        text = str(name)
        return self.issues[int(text) if text.isdigit() else self.keys[text.upper()]]

    def project(self, name: str) -> Project:
        """Return a project by id or key, whatever its state; raises KeyError."""
        found = self.projects.get(name) or next((p for p in self.projects.values() if p.key == name.upper()), None)
        return found or _missing("project", name)

    def term(self, kind: str, name: str) -> Term:
        """Return a status, priority, resolution or issue type by id or name; raises KeyError."""
        terms = self.terms[kind]
        found = terms.get(name) or next((term for term in terms.values() if name in _names(term)), None)
        return found or _missing(kind, name)

    def field(self, name: str) -> Field:
        """Return a field by logical name, id or name; raises KeyError."""
        found = self.fields.get(name) or next((f for f in self.fields.values() if name in (f.logical, f.name)), None)
        return found or _missing("field", name)

    def option(self, field: Field, value: str) -> str:
        """Return the id of an option of a select field; options come into being by being used."""
        return self.options.setdefault((field.id, value), str(10100 + len(self.options)))

    # -- who may see what -----------------------------------------------------------------------------

    def browsable(self, state: str = "live") -> list[Project]:
        """Return the projects that the account may browse."""
        return [project for project in self.projects.values() if project.state == state and project.id not in self.lost]

    def may_see(self, issue: Issue) -> bool:
        """Say whether the account may see an issue now."""
        project = self.projects[issue.project]
        return issue.id not in self.hidden and project.state == "live" and project.id not in self.lost

    def visible(self) -> list[Issue]:
        """Return the issues that the account may see, by id."""
        with self.lock:
            return [issue for _, issue in sorted(self.issues.items()) if self.may_see(issue)]

    def shown_fields(self) -> list[Field]:
        """Return the fields that show in at least one project that may be browsed."""
        browsable = {project.id for project in self.browsable()}
        shown = (field for field in self.fields.values() if field.id not in self.hidden_fields)
        return [field for field in shown if not field.project or field.project in browsable]

    def hide(self, which: Predicate | Collection[str | int]) -> None:
        """Hide issues by issue security: ids or keys, or a predicate that also holds for later issues."""
        with self.lock:
            self.changes += 1
            if callable(which):
                self._rules.append(which)
                self.hidden.update(issue.id for issue in self.issues.values() if which(issue))
            else:
                self.hidden.update(self.issue(name).id for name in which)

    def show(self) -> None:
        """Take all issue security back."""
        with self.lock:
            self.changes += 1
            self._rules.clear()
            self.hidden.clear()

    # -- the search index -----------------------------------------------------------------------------

    def about_to_change(self, issue: Issue, *, is_new: bool = False) -> None:
        """Note a change: while it is late, the index keeps the issue as it was (or does not know it)."""
        self.changes += 1
        if is_new:
            self.hidden.update(issue.id for rule in self._rules if rule(issue))
        if not self.index_delay:
            return
        due = self.present + int(self.index_delay.total_seconds() * 1000)
        before = self._late[issue.id][1] if issue.id in self._late else None if is_new else _frozen(issue)
        self._late[issue.id] = (due, before)

    def indexed(self, reconciled: Collection[int] = ()) -> Iterable[Issue]:
        """Yield the issues as search knows them, whoever asks; those named in `reconciled` as they are."""
        if self._late:
            present = self.present
            for id in [id for id, (due, _) in self._late.items() if due <= present]:  # noqa: A001
                del self._late[id]
                self.changes += 1
        if not self._late:
            return self.issues.values()
        late: Mapping[int, tuple[int, Issue | None]] = self._late
        both = ((i, late[i.id][1]) if i.id in late and i.id not in reconciled else (i, i) for i in self.issues.values())
        return [known for _, known in both if known is not None]

    def catch_up(self) -> None:
        """Bring the index up to date at once."""
        with self.lock:
            self.changes += 1
            self._late.clear()


def account_id(login: str) -> str:
    """Return the Cloud account id of a login: always the same."""
    digest = blake2b(login.encode(), digest_size=16).hexdigest()
    return f"557058:{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"


def _by_id(terms: list[Term]) -> dict[str, Term]:
    return {term.id: term for term in terms}


def _names(term: Term) -> tuple[str, str]:
    return term.name, term.name.removeprefix("[System] ")


def _missing(kind: str, name: str) -> NoReturn:
    raise KeyError(f"the simulated Jira has no {kind} {name!r}")


def _frozen(issue: Issue) -> Issue:
    known = copy(issue)
    known.values = dict(issue.values)
    return known
