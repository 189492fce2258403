"""The site as its people change it: each method moves `updated`, and leaves the history that Jira would write."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from itsm_bridge_jira_sm.testing.clocks import Clocks
from itsm_bridge_jira_sm.testing.instants import Instant, as_datetime, millis
from itsm_bridge_jira_sm.testing.records import (
    Approval,
    Comment,
    Decision,
    History,
    Issue,
    Item,
    Link,
    Project,
    Vote,
)  # fmt: skip
from itsm_bridge_jira_sm.testing.reference import Reference
from itsm_bridge_jira_sm.testing.site import Predicate
from itsm_bridge_jira_sm.testing.values import said, stored

_UNHISTORIC = frozenset({"resolutiondate", "statuscategorychangedate", "approvals"})


class Desk(Clocks, Reference):
    """People at work on a site. Issues are named by id or key, people by login, fields by logical name, name or id.

    `by` is who does it (nobody known where empty), `at` when; the site's clock tells where it is not given.
    """

    @property
    def now(self) -> datetime:
        """The site's clock."""
        return self.site.now

    @now.setter
    def now(self, moment: datetime) -> None:
        self.site.now = moment

    def pass_time(self, **length: float) -> datetime:
        """Move the clock on by so many `hours=…`, `days=…`; returns the new time."""
        self.site.now = self.site.now + timedelta(**length)
        return self.site.now

    @contextmanager
    def at(self, moment: Instant) -> Iterator[None]:
        """Turn the site's clock to a moment for a while."""
        was, self.site.now = self.site.now, as_datetime(millis(moment))
        try:
            yield
        finally:
            self.site.now = was

    def insert(
        self, project: str = "IT", issue_type: str = "Incident", fields: Mapping[str, Any] | None = None, *,
        by: str = "admin", at: Instant | None = None, updated: Instant | None = None, id: int | None = None,  # noqa: A002
        **more: Any,
    ) -> str:  # fmt: skip
        """Create an issue; returns its numeric id. Creation leaves no history."""
        site = self.site
        with site.lock:
            home = site.project(project)
            home.last_number += 1
            moment = site.present if at is None else millis(at)
            given = {"status": "Open", "priority": "Medium", "reporter": by, "summary": "Something is wrong",
                     **(fields or {}), **more}  # fmt: skip
            values = self._stored(home, given)
            values |= {"issuetype": site.term("issuetype", issue_type).id, "creator": by or None}
            values.setdefault("statuscategorychangedate", moment)
            if values.get("resolution"):
                values.setdefault("resolutiondate", moment)
            number = max(site.issues, default=10000) + 1 if id is None else id
            last = moment if updated is None else millis(updated)
            issue = Issue(number, f"{home.key}-{home.last_number}", home.id, moment, last, values)
            site.about_to_change(issue, is_new=True)
            self._hang(issue, values.get("parent"))
            site.issues[number] = issue
            site.keys[issue.key] = number
            return str(number)

    def update(
        self, issue: str | int, changes: Mapping[str, Any] | None = None, *, by: str = "admin",
        at: Instant | None = None, **more: Any,
    ) -> History | None:  # fmt: skip
        """Change fields in one go: one history with an item per field that really changed."""
        with self.site.lock:
            found = self.site.issue(issue)
            new = self._stored(self.site.projects[found.project], {**(changes or {}), **more})
            with self._changing(found, at) as moment:
                items = [self._item(found, name, value) for name, value in new.items()
                         if found.values.get(name) != value and name not in _UNHISTORIC]  # fmt: skip
                self._follow(found, new, moment)
                if "parent" in new:
                    self._hang(found, new["parent"])
                found.values.update(new)
            return self._write(found, moment, by, items)

    def touch(self, issue: str | int, at: Instant | None = None) -> None:
        """Move `updated` and leave no history, as the tick of a service-level clock may."""
        with self.site.lock, self._changing(self.site.issue(issue), at):
            pass

    def move(
        self, issue: str | int, project: str, *, issue_type: str | None = None, by: str = "admin",
        at: Instant | None = None,
    ) -> str:  # fmt: skip
        """Move an issue to another project: a new key, the same id; the old key still finds it. Returns the new key."""
        site = self.site
        with site.lock:
            found, home = site.issue(issue), site.project(project)
            was = site.projects[found.project]
            with self._changing(found, at) as moment:
                home.last_number += 1
                old, found.key = found.key, f"{home.key}-{home.last_number}"
                found.project = home.id
                found.old_keys.append(old)
                site.keys[found.key] = found.id
                items = [
                    Item("Key", "", "jira", None, old, None, found.key),
                    Item("project", "project", "jira", was.id, was.name, home.id, home.name),
                ]
                if issue_type is not None:
                    type_ = site.term("issuetype", issue_type).id
                    items.append(self._item(found, "issuetype", type_))
                    found.values["issuetype"] = type_
            self._write(found, moment, by, items)
            return found.key

    def delete(self, issue: str | int) -> None:
        """Delete an issue for good, its history included: nothing is left."""
        site = self.site
        with site.lock:
            found = site.issue(issue)
            site.about_to_change(found)
            for link in found.links:
                other = site.issues[link.target if link.source == found.id else link.source]
                other.links.remove(link)
            self._hang(found, None)
            for key in (found.key, *found.old_keys):
                site.keys.pop(key, None)
            del site.issues[found.id]

    def hide(self, which: Predicate | Collection[str | int]) -> None:
        """Put issues under issue security: ids or keys, or a predicate that also holds for later ones."""
        self.site.hide(which)

    def comment(
        self, issue: str | int, body: str, *, by: str = "admin", at: Instant | None = None, is_public: bool = True
    ) -> str:
        """Say something; an internal note where it is not public. Returns the comment's id."""
        with self.site.lock:
            found = self.site.issue(issue)
            with self._changing(found, at) as moment:
                said_now = Comment(self._serial(), by, moment, body, is_public, moment)
                found.comments.append(said_now)
            return said_now.id

    def link(
        self, source: str | int, target: str | int, kind: str = "Relates", *, by: str = "admin",
        at: Instant | None = None,
    ) -> str:  # fmt: skip
        """Link two issues (`source` has the outward phrase); returns the link's id."""
        site = self.site
        with site.lock:
            one, other = site.issue(source), site.issue(target)
            type_ = next(type_ for type_ in site.link_types.values() if kind in (type_.id, type_.name))
            link = Link(self._serial(), type_.id, one.id, other.id)
            for here, there, words in ((one, other, type_.outward), (other, one, type_.inward)):
                with self._changing(here, at) as moment:
                    here.links.append(link)
                item = Item("Link", "", "jira", None, None, there.key, f"This issue {words} {there.key}")
                self._write(here, moment, by, [item])
            return link.id

    def unlink(self, issue: str | int, link: str, *, by: str = "admin", at: Instant | None = None) -> None:
        """Take a link away from both of its issues."""
        site = self.site
        with site.lock:
            gone = next(one for one in site.issue(issue).links if one.id == link)
            for here, there in ((gone.source, gone.target), (gone.target, gone.source)):
                found, other = site.issues[here], site.issues[there]
                with self._changing(found, at) as moment:
                    found.links.remove(gone)
                words = f"This issue {site.link_types[gone.type].name} {other.key}"
                self._write(found, moment, by, [Item("Link", "", "jira", other.key, words, None, None)])

    def ask_approval(
        self, issue: str | int, approvers: Sequence[str], name: str = "Waiting for approval", *, needed: int = 1,
        at: Instant | None = None,
    ) -> str:  # fmt: skip
        """Ask people for their approval; returns the approval's id."""
        with self.site.lock:
            found = self.site.issue(issue)
            with self._changing(found, at) as moment:
                votes = [Vote(self.site.people[login].login) for login in approvers]
                approval = Approval(self._serial(), name, moment, votes, needed)
                rounds = found.values.get(self._approvals) or []
                found.values[self._approvals] = [*rounds, approval]
            return approval.id

    def approve(
        self, issue: str | int, approval: str, by: str, decision: Decision = "approved", *, at: Instant | None = None,
        then: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """Vote. The vote that decides also makes the changes in `then`, as its author: the workflow's transition."""
        with self.site.lock:
            found = self.site.issue(issue)
            one = next(each for each in found.values[self._approvals] if each.id == approval)
            vote = next(each for each in one.votes if each.approver == by)
            with self._changing(found, at) as moment:
                vote.decision = decision
                approved = sum(each.decision == "approved" for each in one.votes)
                if decision == "declined" or approved >= one.needed:
                    one.decision, one.completed = decision, moment
            if one.completed is not None and then:
                self.update(issue, then, by=by, at=moment)

    # -- what lies below ------------------------------------------------------------------------------

    @property
    def _approvals(self) -> str:
        return self.site.field("approvals").id

    @contextmanager
    def _changing(self, issue: Issue, at: Instant | None) -> Iterator[int]:
        moment = self.site.present if at is None else millis(at)
        self.site.about_to_change(issue)
        yield moment
        issue.updated = max(issue.updated, moment)

    def _stored(self, project: Project, given: Mapping[str, Any]) -> dict[str, Any]:
        fields = ((self._field(project, name), value) for name, value in given.items())
        return {field.id: stored(self.site, field, value) for field, value in fields}

    def _item(self, issue: Issue, name: str, value: Any) -> Item:
        field = self.site.fields[name]
        before, after = said(self.site, field, issue.values.get(name)), said(self.site, field, value)
        return Item(field.name if field.is_custom else name, name, "custom" if field.is_custom else "jira",
                    *before, *after)  # fmt: skip

    def _follow(self, issue: Issue, new: dict[str, Any], moment: int) -> None:
        """Move the dates that Jira moves by itself."""
        if "resolution" in new and "resolutiondate" not in new and new["resolution"] != issue.values.get("resolution"):
            new["resolutiondate"] = moment if new["resolution"] else None
        if "status" in new:
            statuses = self.site.terms["status"]
            if statuses[new["status"]].category != statuses[issue.values["status"]].category:
                new["statuscategorychangedate"] = moment

    def _hang(self, issue: Issue, parent: int | None) -> None:
        """Make an issue a part of another, or of none."""
        self.site.parts.get(issue.values.get("parent") or 0, set()).discard(issue.id)
        if parent is not None:
            self.site.parts.setdefault(parent, set()).add(issue.id)

    def _write(self, issue: Issue, moment: int, by: str, items: list[Item]) -> History | None:
        if not items:
            return None
        history = History(self._serial(), moment, by, items)
        issue.history.append(history)
        return history
