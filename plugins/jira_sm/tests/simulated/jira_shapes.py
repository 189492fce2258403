"""What we read of the vendor's answers, as JSON Schema would say it: the fields we rely on, and their types.

Written after the published OpenAPI documents and facts observed; a field that may be missing has a default.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

Id = Annotated[str, Meta(pattern=r"^-?\d+$")]
Iso = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4}$")]
Millis = Annotated[int, Meta(ge=1_000_000_000_000, le=4_000_000_000_000)]
Count = Annotated[int, Meta(ge=0)]


class Person(Struct, kw_only=True):
    displayName: str
    active: bool
    self: str
    accountId: str
    accountType: Literal["atlassian", "customer", "app", "unknown"]
    emailAddress: str | UnsetType = UNSET
    timeZone: str | UnsetType = UNSET


class OwnPerson(Struct, kw_only=True):
    """A person of Data Center."""

    displayName: str
    active: bool
    self: str
    name: str
    key: str


class Category(Struct):
    id: int
    key: Literal["new", "indeterminate", "done", "undefined"]
    name: str


class Status(Struct):
    id: Id
    name: str
    self: str
    statusCategory: Category


class Term(Struct):
    id: Id
    name: str
    self: str


class IssueType(Term):
    subtask: bool


class Project(Struct):
    id: Id
    key: str
    name: str
    self: str
    projectTypeKey: Literal["service_desk", "software", "business"]


class Option(Struct):
    id: Id
    value: str
    self: str


class LinkType(Struct):
    id: Id
    name: str
    inward: str
    outward: str


class Linked(Struct):
    id: Id
    key: str


class Link(Struct):
    id: Id
    type: LinkType
    inwardIssue: Linked | UnsetType = UNSET
    outwardIssue: Linked | UnsetType = UNSET


class Comment(Struct):
    id: Id
    body: str
    created: Iso
    jsdPublic: bool
    author: Person | UnsetType = UNSET


class Comments(Struct):
    comments: list[Comment]
    total: Count
    maxResults: Count
    startAt: Count


class Version(Struct):
    id: Id
    name: str
    released: bool
    archived: bool
    releaseDate: Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\d$")] | UnsetType = UNSET


class Component(Struct):
    id: Id
    name: str


class Fields(Struct):
    summary: str | None
    description: str | None
    issuetype: IssueType
    project: Project
    status: Status
    priority: Term | None
    resolution: Term | None
    resolutiondate: Iso | None
    created: Iso
    updated: Iso
    reporter: Person | None
    assignee: Person | None
    issuelinks: list[Link]
    comment: Comments
    components: list[Component]
    fixVersions: list[Version]
    labels: list[str]


class Item(Struct):
    field: str
    fieldtype: Literal["jira", "custom"]
    before: str | None = field(name="from")
    fromString: str | None
    to: str | None
    toString: str | None
    fieldId: str | UnsetType = UNSET


class History(Struct):
    id: Id
    created: Iso
    items: list[Item]
    author: Person | UnsetType = UNSET


class HistoryInBulk(Struct):
    id: Id
    created: Millis
    items: list[Item]
    author: Person | UnsetType = UNSET


class Changelog(Struct):
    startAt: Count
    maxResults: Count
    total: Count
    histories: list[History]


class Issue(Struct):
    id: Id
    key: str
    self: str
    fields: Fields
    changelog: Changelog | UnsetType = UNSET


class SearchByToken(Struct, forbid_unknown_fields=True):
    issues: list[Issue]
    isLast: bool
    nextPageToken: str | UnsetType = UNSET
    names: dict[str, str] | UnsetType = UNSET
    schema: dict[str, Any] | UnsetType = UNSET


class OfOneIssue(Struct):
    issueId: Id
    changeHistories: Annotated[list[HistoryInBulk], Meta(min_length=1)]


class Histories(Struct, forbid_unknown_fields=True):
    issueChangeLogs: list[OfOneIssue]
    nextPageToken: str | UnsetType = UNSET


class FieldSchema(Struct):
    type: str
    items: str | UnsetType = UNSET
    system: str | UnsetType = UNSET
    custom: str | UnsetType = UNSET
    customId: int | UnsetType = UNSET


class Field(Struct):
    id: str
    name: str
    custom: bool
    clauseNames: list[str]
    schema: FieldSchema


class Server(Struct):
    baseUrl: str
    version: str
    versionNumbers: list[int]
    deploymentType: Literal["Cloud", "Server"]
    serverTime: Iso


class WithStatuses(Struct):
    id: Id
    name: str
    statuses: list[Status]


class Group(Struct):
    name: str
    groupId: str


class LinkTypes(Struct):
    issueLinkTypes: list[LinkType]


class Error(Struct):
    id: Id
    errorMessage: str


class Fetched(Struct, forbid_unknown_fields=True):
    issues: list[Issue]
    issueErrors: list[Error]


class Refused(Struct):
    errorMessages: Annotated[list[str], Meta(min_length=1)]
    errors: dict[str, str]


class OwnHistory(Struct):
    """A history of Data Center: people have keys, and fields no ids."""

    id: Id
    created: Iso
    items: list[Item]
    author: OwnPerson | UnsetType = UNSET


class OwnChangelog(Struct):
    total: Count
    histories: list[OwnHistory]


class OwnFields(Struct):
    summary: str | None
    status: Status
    project: dict[str, Any]
    created: Iso
    updated: Iso
    reporter: OwnPerson | None
    assignee: OwnPerson | None


class OwnIssue(Struct):
    id: Id
    key: str
    fields: OwnFields
    changelog: OwnChangelog


class SearchByOffset(Struct):
    issues: list[OwnIssue]
    startAt: Count
    maxResults: Count
    total: Count


def by_offset(member: Any) -> Any:
    """Return the shape of a page of the platform's API."""
    return page_of("Page", member, isLast=bool, startAt=Count, maxResults=Count, total=Count)


def page_of(name: str, member: Any, **beside: Any) -> Any:
    return type(name, (Struct,), {"__annotations__": {"values": list[member], **beside}})
