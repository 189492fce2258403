"""What a simulated Jira holds, as plain Python: issues with their history, and the words they are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Decision = Literal["approved", "declined", "pending"]


@dataclass(slots=True)
class Person:
    """Somebody with an account. `login` is how tests name them; a forgotten person's account was deleted."""

    login: str
    account_id: str
    key: str
    display_name: str
    email: str
    zone: str = "UTC"
    kind: Literal["atlassian", "customer", "app"] = "atlassian"
    is_active: bool = True
    is_forgotten: bool = False


@dataclass(slots=True)
class Term:
    """A status, priority, issue type or resolution.

    `category` is a status' category (`new`, `indeterminate`, `done`); `project` the id of the team-managed project
    that alone has it.
    """

    id: str
    name: str
    category: str = ""
    is_subtask: bool = False
    project: str = ""


@dataclass(slots=True)
class Project:
    """A project; `desk` is its service desk's id, `statuses` and `types` the ids in use in it (all when empty)."""

    id: str
    key: str
    name: str
    kind: str = "service_desk"
    is_simplified: bool = False
    desk: str = ""
    state: Literal["live", "archived", "deleted"] = "live"
    last_number: int = 0
    types: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()


@dataclass(slots=True)
class Version:
    """A release of a project; dates are `YYYY-MM-DD`."""

    id: str
    project: str
    name: str
    is_released: bool = False
    is_archived: bool = False
    start: str = ""
    release: str = ""


@dataclass(slots=True)
class Component:
    """A part of a project's product."""

    id: str
    project: str
    name: str
    lead: str = ""


@dataclass(slots=True)
class RequestType:
    """What customers choose on the portal of a service desk."""

    id: str
    desk: str
    name: str
    issue_type: str
    practice: str = ""
    group: str = "1"


@dataclass(slots=True)
class Organization:
    """A customer's organisation."""

    id: str
    name: str
    created: int


@dataclass(slots=True)
class LinkType:
    """A kind of link with its phrase in each direction."""

    id: str
    name: str
    inward: str
    outward: str


@dataclass(slots=True)
class Item:
    """One field's change, with the fields' ids and words as they were then."""

    field: str
    field_id: str
    kind: Literal["jira", "custom"]
    before: str | None
    before_text: str | None
    after: str | None
    after_text: str | None


@dataclass(slots=True)
class History:
    """One change of an issue; `author` is a login, or empty where nobody is known."""

    id: str
    at: int
    author: str
    items: list[Item]


@dataclass(slots=True)
class Comment:
    """What somebody said; `is_public` where the customer sees it."""

    id: str
    author: str
    at: int
    body: str
    is_public: bool = True
    updated: int = 0


@dataclass(slots=True)
class Link:
    """A link as both of its issues know it: `source` has the outward phrase."""

    id: str
    type: str
    source: int
    target: int


@dataclass(slots=True)
class Cycle:
    """One run of a service-level clock. Lengths are milliseconds of the clock's own calendar.

    `elapsed` is as of `as_of`; a clock that runs goes on from there. `breach` is when its time is (or was) over, None
    while paused before that.
    """

    start: int
    goal: int
    elapsed: int = 0
    as_of: int = 0
    stop: int | None = None
    breach: int | None = None
    is_paused: bool = False
    is_breached: bool = False


@dataclass(slots=True)
class Vote:
    """One approver's decision."""

    approver: str
    decision: Decision = "pending"


@dataclass(slots=True)
class Approval:
    """A round of approval: done when `needed` approve, or one declines."""

    id: str
    name: str
    created: int
    votes: list[Vote]
    needed: int = 1
    completed: int | None = None
    decision: Decision = "pending"


@dataclass(frozen=True, slots=True)
class Raw:
    """A field's value that is served as it is."""

    json: Any


@dataclass(slots=True)
class Issue:
    """A work item. `values` holds stored values by field id; what they look like says the field's kind."""

    id: int
    key: str
    project: str
    created: int
    updated: int
    values: dict[str, Any]
    history: list[History] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    old_keys: list[str] = field(default_factory=list)

    @property
    def number(self) -> int:
        """The number in the key, by which keys are ordered."""
        return int(self.key.rpartition("-")[2])


@dataclass(slots=True)
class AssetObject:
    """An object in Assets; `values` are those of its attributes by name: a login for a user, numbers for objects."""

    number: int
    label: str
    kind: str
    created: int
    updated: int
    values: dict[str, Any] = field(default_factory=dict)
