"""What we read of the service desk's part of the vendor's answers: clocks, approvals, request types."""

from __future__ import annotations

from typing import Any, Literal

from jira_shapes import Count, Id, Iso, Millis, Person, page_of
from msgspec import UNSET, Struct, UnsetType


class Moment(Struct):
    iso8601: str
    jira: Iso
    friendly: str
    epochMillis: Millis


class Length(Struct):
    millis: int
    friendly: str


class Completed(Struct):
    startTime: Moment
    stopTime: Moment
    breached: bool
    goalDuration: Length
    elapsedTime: Length
    remainingTime: Length
    breachTime: Moment | UnsetType = UNSET


class Ongoing(Struct):
    startTime: Moment
    breached: bool
    paused: bool
    withinCalendarHours: bool
    goalDuration: Length
    elapsedTime: Length
    remainingTime: Length
    breachTime: Moment | UnsetType = UNSET


class Clock(Struct):
    id: Id
    name: str
    completedCycles: list[Completed]
    ongoingCycle: Ongoing | UnsetType = UNSET


class Vote(Struct):
    approver: Person
    approverDecision: Literal["approved", "declined", "pending"]


class Approval(Struct):
    id: Id
    name: str
    finalDecision: Literal["approved", "declined", "pending"]
    canAnswerApproval: bool
    approvers: list[Vote]
    createdDate: Moment
    completedDate: Moment | UnsetType = UNSET


class RequestType(Struct):
    id: Id
    name: str
    issueTypeId: Id
    serviceDeskId: Id
    practice: str | UnsetType = UNSET


class CurrentStatus(Struct):
    status: str
    statusCategory: Literal["NEW", "INDETERMINATE", "DONE", "UNDEFINED"]
    statusDate: Moment


class RequestTypeValue(Struct):
    requestType: RequestType
    currentStatus: CurrentStatus


class Organization(Struct):
    id: Id
    name: str


class Desk(Struct):
    id: Id
    projectId: Id
    projectKey: str


class DeskRefused(Struct):
    errorMessage: str
    i18nErrorMessage: dict[str, Any]


def of_desk(member: Any) -> Any:
    """Return the shape of a page of the service desk API."""
    return page_of("DeskPage", member, isLastPage=bool, start=Count, limit=Count, size=Count)
