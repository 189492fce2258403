"""Issues as Jira would send them: 90 fields, about 5.5 kB, of which a mapping reads a third; and their histories.

Each is made from one of some hundred patterns, written as bytes once, in which only what tells issues apart is filled
in when it is served.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.rows import WORDS
from itsm_bridge_jira_sm.testing import SimulatedJira

PATTERNS = 400
FIELDS = 90
ENTRIES = 40
FIRST = 1_000_000
"""The id of the first issue: all have seven digits."""
_ID, _CREATED, _UPDATED = "7700007", "created-at", "updated-at"
_API = "https://acme.atlassian.net/rest/api/2"
_YEAR = timedelta(days=360)

Json = dict[str, Any]


class Issues:
    """All issues in the order of their creation; what they refer to is that of a simulated site."""

    def __init__(self, site: SimulatedJira, count: int, entries: int) -> None:
        self.count = count
        self._first = datetime.now(UTC).replace(microsecond=0) - _YEAR - timedelta(days=3)
        self._step = _YEAR / max(count, 1)
        site.add_version("IT", "Release 1")
        for number in range(FIELDS - len(site.site.fields)):
            site.add_field(f"Field {number} of another team", "option" if number % 5 == 0 else "text")
        made = [_Pattern(site, seed) for seed in range(PATTERNS)]
        self._issues = [_written(pattern.issue()) for pattern in made]
        self._histories = [_written(pattern.history(entries)) for pattern in made]

    def created(self, number: int) -> datetime:
        """Return when the issue of this place was created."""
        return self._first + number * self._step

    def issue(self, number: int) -> bytes:
        """Return the issue of this place."""
        created = self.created(number)
        body = self._issues[number % PATTERNS].replace(_ID.encode(), b"%d" % (FIRST + number))
        body = body.replace(_CREATED.encode(), _instant(created).encode())
        return body.replace(_UPDATED.encode(), _instant(created + timedelta(hours=30)).encode())

    def history(self, key: int) -> bytes:
        """Return the history of an issue, given by its id."""
        return self._histories[(key - FIRST) % PATTERNS].replace(_ID.encode(), b"%d" % key)


class _Pattern:
    """One kind of issue, with places left open in it."""

    def __init__(self, site: SimulatedJira, seed: int) -> None:
        self._site = site.site
        self._chance = random.Random(seed)
        self._is_done = self._chance.random() < 0.9
        self._moment = 1_740_000 + seed
        self._serial = 10

    def issue(self) -> Json:
        chance, one_of = self._chance, self._chance.choice
        fields: Json = {field.id: None for field in self._site.fields.values()}
        names = [field.id for field in self._site.fields.values() if field.name.startswith("Field ")]
        for name in chance.sample(names, 6):
            is_option = self._site.fields[name].kind == "option"
            fields[name] = {"value": one_of(WORDS), "id": "10101"} if is_option else one_of(WORDS)
        kind = self._term("issuetype", ("[System] Incident", "[System] Service request"))
        status = self._term("status", ("Closed", "Resolved") if self._is_done else ("In Progress", "Open", "Pending"))
        category = {"id": 3, "key": "done", "name": "Done"} if self._is_done else {"id": 4, "key": "indeterminate"}
        fields |= {
            "summary": f"{self._words(4, 8)} {_ID}", "description": f"{self._words(15, 35)} {_ID}",
            "issuetype": kind | {"subtask": False},
            "project": {"self": f"{_API}/project/10000", "id": "10000", "key": "IT", "name": "IT support"},
            "status": status | {"statusCategory": category}, "created": _CREATED, "updated": _UPDATED,
            "priority": self._term("priority", ("High", "Medium", "Low")), "labels": [],
            "resolution": self._term("resolution", ("Done", "Duplicate")) if self._is_done else None,
            "resolutiondate": _UPDATED if self._is_done else None, "statuscategorychangedate": _UPDATED,
            "reporter": self._person(2000), "creator": self._person(300), "assignee": self._person(60),
            "components": [{"id": one_of("1234"), "name": one_of(WORDS)}] if chance.random() < 0.5 else [],
            "fixVersions": [{"id": "10000", "name": "Release 1"}] if chance.random() < 0.1 else [], "versions": [],
            "issuelinks": [self._link() for _ in range(chance.random() < 0.25)], "subtasks": [],
            "comment": self._comments(chance.choice((0, 0, 1, 2))),
        }  # fmt: skip
        custom: Json = {
            "request_type": self._request_type(), "impact": self._option(), "urgency": self._option(),
            "category": self._option(), "Time to resolution": self._clock(),
            "Time to first response": self._clock() if chance.random() < 0.5 else None,
            "approvals": [self._approval()] if chance.random() < 0.15 else [],
            "organizations": [{"id": one_of("123456"), "name": one_of(WORDS)}] if chance.random() < 0.3 else [],
            "satisfaction": {"rating": 4} if chance.random() < 0.2 else None,
        }  # fmt: skip
        fields |= {self._site.field(name).id: value for name, value in custom.items()}
        return {"expand": "operations,changelog", "id": _ID, "self": f"{_API}/issue/{_ID}", "key": f"IT-{_ID}",
                "fields": fields}  # fmt: skip

    def history(self, entries: int) -> Json:
        return {"issueId": _ID, "changeHistories": [self._entry(number) for number in range(entries)]}

    def _entry(self, number: int) -> Json:
        what = self._chance.choice(("status", "status", "assignee", "priority", "description", "Link"))
        kind = {"field": what, "fieldtype": "jira", "fieldId": what}
        if what in ("status", "priority"):
            words = ("In Progress", "Pending", "Open", "Escalated") if what == "status" else ("High", "Medium", "Low")
            before, after = self._term(what, words), self._term(what, words)
            change = {"from": before["id"], "fromString": before["name"], "to": after["id"], "toString": after["name"]}
        elif what == "assignee":
            one, other = self._person(60), self._person(60)
            change = {"from": one["accountId"], "fromString": one["displayName"],
                      "to": other["accountId"], "toString": other["displayName"]}  # fmt: skip
        else:
            change = {"from": None, "fromString": self._words(3, 8), "to": None, "toString": self._words(3, 8)}
        items: list[Json] = [kind | change]
        if number % 10 == 9:
            resolution = {"from": None, "fromString": None, "to": "10000", "toString": "Done"}
            items.append(resolution | {"field": "resolution", "fieldtype": "jira", "fieldId": "resolution"})
        at = self._later()
        return {"id": self._own_id(), "author": self._person(60), "created": at, "items": items}

    # -- what issues are made of -------------------------------------------------------------------------

    def _own_id(self) -> str:
        """An id that no other issue has."""
        self._serial += 1
        return f"{self._serial}{_ID}"

    def _later(self) -> int:
        """Milliseconds since 1970, whose last digits are those of the issue's id."""
        self._moment += 1
        return int(f"{self._moment // 10}{_ID}")

    def _words(self, least: int, most: int) -> str:
        return " ".join(self._chance.choices(WORDS, k=self._chance.randint(least, most)))

    def _term(self, kind: str, names: Sequence[str]) -> Json:
        term = self._site.term(kind, self._chance.choice(names))
        return {"self": f"{_API}/{kind}/{term.id}", "id": term.id, "name": term.name}

    def _person(self, most: int) -> Json:
        number = self._chance.randrange(most)
        account = f"5b10a2844c20165700{number:06x}"
        return {"self": f"{_API}/user?accountId={account}", "accountId": account, "displayName": f"Person {number}",
                "active": True, "timeZone": "UTC", "accountType": "atlassian"}  # fmt: skip

    def _option(self) -> Json:
        number = self._chance.randrange(4)
        return {"value": ("Extensive", "Significant", "Moderate", "Minor")[number], "id": f"1010{number}"}

    def _request_type(self) -> Json:
        kind = self._chance.choice("12345")
        return {"_links": {"jiraRest": f"{_API}/issue/{_ID}"}, "requestType": {"id": kind, "name": f"Request {kind}",
                "description": "", "issueTypeId": "10001", "serviceDeskId": "1", "groupIds": ["1"]},
                "currentStatus": {"status": "Closed", "statusCategory": "DONE"}}  # fmt: skip

    def _clock(self) -> Json:
        cycle = {"startTime": self._date(), "breachTime": self._date(), "breached": self._chance.random() < 0.2,
                 "goalDuration": _length(14_400_000), "elapsedTime": _length(self._chance.randrange(20_000_000)),
                 "remainingTime": _length(self._chance.randrange(10_000_000))}  # fmt: skip
        done, running = [cycle | {"stopTime": self._date()}], cycle | {"paused": False, "withinCalendarHours": True}
        found = {"id": "203", "name": "Time to resolution", "completedCycles": done if self._is_done else []}
        return found if self._is_done else found | {"ongoingCycle": running}

    def _date(self) -> Json:
        return {"iso8601": "2026-01-02T03:04:05+0000", "jira": "2026-01-02T03:04:05.678+0000",
                "friendly": "02/Jan/26 3:04 AM", "epochMillis": self._later()}  # fmt: skip

    def _approval(self) -> Json:
        votes = [{"approver": self._person(20), "approverDecision": "approved"} for _ in range(2)]
        return {"id": self._own_id(), "name": "Waiting for approval", "finalDecision": "approved",
                "approvers": votes, "createdDate": self._date(), "completedDate": self._date()}  # fmt: skip

    def _comments(self, count: int) -> Json:
        made = [
            {"self": f"{_API}/issue/{_ID}/comment", "id": self._own_id(), "body": self._words(5, 30), "jsdPublic": True,
             "created": "2026-01-02T03:04:05.678+0000", "author": self._person(60), "updateAuthor": self._person(60)}
            for _ in range(count)
        ]  # fmt: skip
        return {"comments": made, "maxResults": 100, "total": count, "startAt": 0}

    def _link(self) -> Json:
        kind = {"id": "10003", "name": "Relates", "inward": "relates to", "outward": "relates to"}
        other = str(FIRST + self._chance.randrange(1000))
        seen = {"id": other, "key": f"IT-{other}", "fields": {"summary": self._words(3, 6)}}
        return {"id": self._own_id(), "type": kind, self._chance.choice(("inwardIssue", "outwardIssue")): seen}


def _length(milliseconds: int) -> Json:
    return {"millis": milliseconds, "friendly": f"{milliseconds // 3_600_000}h"}


def _written(value: Json) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _instant(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000+0000"
