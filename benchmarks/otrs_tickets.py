"""Tickets as Znuny would send them: 60 fields, 17 dynamic ones, four articles, about 6 kB; and histories of 25 rows.

Each is made from one of some hundred patterns, written as bytes once, in which only what tells tickets apart is filled
in when it is served.
"""

from __future__ import annotations

import json
import random
from bisect import bisect_left
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.rows import WORDS

PATTERNS = 400
ARTICLES, HISTORY_ROWS = 4, 25
FIRST = 1_000_000
"""The id of the first ticket: all have seven digits."""
_ID, _AGE = 7700007, 987654321
_QUEUES = ("Service Desk", "Service Desk::2nd Level", "Applications::SAP", "Network & VPN", "Security")
_STATES = ("new", "open", "closed successful", "pending reminder")
_TYPES = ("Incident", "ServiceRequest", "Problem")
_PRIORITIES = ("1 very low", "2 low", "3 normal", "4 high", "5 very high")
_DYNAMIC = ("ITSMImpact", "ITSMCriticality", "ITSMDueDate", "ITSMReviewRequired", "ITSMDecisionResult", "RootCause")
_AGENTS = tuple(f"agent.{number}" for number in range(2, 60))

Json = dict[str, Any]


class Tickets:
    """All tickets in the order of their last change."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._now = datetime.now(UTC).replace(microsecond=0)
        made = [_Pattern(seed, self._now) for seed in range(PATTERNS)]
        self._tickets = [_written(pattern.ticket()) for pattern in made]
        self._histories = [_written({"TicketID": str(_ID), "History": pattern.history}) for pattern in made]
        self._created = [pattern.created for pattern in made]
        order = sorted((str(made[number % PATTERNS].changed), FIRST + number) for number in range(count))
        self._changed = [changed for changed, _ in order]
        self._ids = [b'"%d"' % number for _, number in order]

    def found(self, since: str, limit: int) -> bytes:
        """Return the answer to a search: tickets changed since then."""
        first = bisect_left(self._changed, since) if since else 0
        ids = self._ids[first : first + limit]
        return b'{"TicketID":[%s]}' % b",".join(ids) if ids else b"{}"

    def tickets(self, ids: Sequence[str]) -> bytes:
        """Return the answer to TicketGet."""
        return b'{"Ticket":[%s]}' % b",".join(map(self._ticket, map(int, ids)))

    def histories(self, ids: Sequence[str]) -> bytes:
        """Return the answer to TicketHistoryGet."""
        return b'{"TicketHistory":[%s]}' % b",".join(_of(self._histories, int(each)) for each in ids)

    def _ticket(self, number: int) -> bytes:
        age = int((datetime.now(UTC) - self._created[number % PATTERNS]).total_seconds())
        return _of(self._tickets, number).replace(b"%d" % _AGE, b"%d" % age)


class _Pattern:
    """One kind of ticket, with places left open in it."""

    def __init__(self, seed: int, now: datetime) -> None:
        self._chance = random.Random(seed)
        self.created = now - timedelta(days=3) - timedelta(days=360) * (PATTERNS - seed) / PATTERNS
        self.created = self.created.replace(microsecond=0)
        self._moment = self.created
        self._now = {"OwnerID": 1, "PriorityID": 3, "QueueID": 1, "StateID": 1, "TypeID": 2}
        self.history = self._history()
        self.changed = self._moment.strftime("%Y-%m-%d %H:%M:%S")

    def ticket(self) -> Json:
        chance, now = self._chance, self._now
        is_closed = now["StateID"] == 3
        owner = _AGENTS[now["OwnerID"] % len(_AGENTS)]
        clock = {
            "FirstResponseInMin": 57,
            "FirstResponseDiffInMin": 182,
            "SolutionInMin": 780,
            "SolutionDiffInMin": 180,
        }
        due = self._moment + timedelta(days=2)
        running = {
            "EscalationDestinationDate": f"{due:%Y-%m-%d %H:%M:%S}", "EscalationDestinationIn": "1d 4h",
            "EscalationDestinationTime": int(due.timestamp()), "EscalationTimeWorkingTime": "-3600",
            "SolutionTime": 7200, "SolutionTimeDestinationDate": f"{due:%Y-%m-%d %H:%M:%S}",
            "SolutionTimeDestinationTime": int(due.timestamp()), "SolutionTimeWorkingTime": 86400,
        }  # fmt: skip
        dynamic: list[Json] = [{"Name": name, "Value": chance.choice((None, "3 normal", "text"))} for name in _DYNAMIC]
        dynamic += [{"Name": f"Own{number}", "Value": None} for number in range(10)]
        dynamic.append({"Name": "AffectedSystems", "Value": ["mail", "erp"] if chance.random() < 0.3 else None})
        return {
            "Age": _AGE, "ArchiveFlag": "n", "Article": [self._article(place) for place in range(ARTICLES)],
            "ChangeBy": now["OwnerID"], "Changed": self.changed, "CreateBy": 1, "Created": _wall(self.created),
            "CustomerID": f"C{chance.randrange(300)}", "CustomerUserID": f"user{chance.randrange(5000)}",
            "DynamicField": dynamic, "EscalationResponseTime": 0,
            "EscalationSolutionTime": 0 if is_closed else int(due.timestamp()), "EscalationTime": 0,
            "EscalationUpdateTime": 0, "FirstLock": _wall(self.created + timedelta(minutes=34)),
            "FirstResponse": _wall(self.created + timedelta(minutes=57)), "GroupID": 1, "Lock": "unlock", "LockID": 1,
            "Owner": owner, "OwnerID": now["OwnerID"], "Priority": _PRIORITIES[now["PriorityID"] - 1],
            "PriorityID": now["PriorityID"], "Queue": _QUEUES[now["QueueID"] - 1], "QueueID": now["QueueID"],
            "RealTillTimeNotUsed": 0, "Responsible": owner, "ResponsibleID": now["OwnerID"], "SLA": "Silver",
            "SLAID": 2, "Service": "Telephony", "ServiceID": 4, "State": _STATES[now["StateID"] - 1],
            "StateID": now["StateID"], "StateType": _STATES[now["StateID"] - 1].split()[0], "TicketID": _ID,
            "TicketNumber": f"20260828{_ID}", "TimeUnit": 15, "Title": " ".join(chance.choices(WORDS, k=6)),
            "Type": _TYPES[now["TypeID"] - 2], "TypeID": now["TypeID"], "UnlockTimeout": 0, "UntilTime": 0, **clock,
            **({"Closed": self.changed} if is_closed else running),
        }  # fmt: skip

    def _article(self, place: int) -> Json:
        chance, by_customer = self._chance, place in (0, 2)
        at = _wall(self.created + timedelta(minutes=57 * place))
        return {
            "ArticleID": int(f"{_ID}{place}"), "ArticleNumber": place + 1, "Bcc": "", "Cc": "", "ChangeBy": 4,
            "Body": " ".join(chance.choices(WORDS, k=chance.randint(20, 120))), "ChangeTime": at, "Charset": "utf-8",
            "CommunicationChannelID": chance.randint(1, 3), "ContentCharset": "utf-8",
            "CreateBy": 1 if by_customer else 4,
            "ContentType": "text/plain; charset=utf-8", "CreateTime": at, "From": "Somebody <some@example.org>",
            "InReplyTo": "", "IncomingTime": 1_787_902_173, "IsVisibleForCustomer": int(place != 3), "MessageID": "",
            "MimeType": "text/plain", "References": "", "ReplyTo": "", "SenderTypeID": "3" if by_customer else "1",
            "SenderType": "customer" if by_customer else "agent", "Subject": " ".join(chance.choices(WORDS, k=6)),
            "TicketID": _ID, "TimeUnit": 0, "To": "Service Desk",
        }  # fmt: skip

    def _history(self) -> list[Json]:
        rows = [self._row("NewTicket", f"%%{_ID}%%{_QUEUES[0]}%%3 normal%%new%%{_ID}")]
        rows += [self._row("ServiceUpdate", "%%Telephony%%4%%NULL%%"), self._row("SLAUpdate", "%%Silver%%2%%NULL%%")]
        rows.append(self._row("CustomerUpdate", "%%CustomerID=ACME;CustomerUser=jane;"))
        while len(rows) < HISTORY_ROWS:
            self._moment += timedelta(minutes=self._chance.randint(1, 400))
            rows.append(self._change())
        return rows

    def _change(self) -> Json:
        chance, now = self._chance, self._now
        kind = chance.choice(("state", "state", "priority", "queue", "owner", "Misc", "AddNote", "SendAnswer", "Lock"))
        if kind == "state":
            old, now["StateID"] = now["StateID"], chance.randint(1, 4)
            return self._row("StateUpdate", f"%%{_STATES[old - 1]}%%{_STATES[now['StateID'] - 1]}%%")
        if kind == "priority":
            old, now["PriorityID"] = now["PriorityID"], chance.randint(1, 5)
            new = now["PriorityID"]
            return self._row("PriorityUpdate", f"%%{_PRIORITIES[old - 1]}%%{old}%%{_PRIORITIES[new - 1]}%%{new}")
        if kind == "queue":
            old, now["QueueID"] = now["QueueID"], chance.randint(1, 5)
            return self._row("Move", f"%%{_QUEUES[now['QueueID'] - 1]}%%{now['QueueID']}%%{_QUEUES[old - 1]}%%{old}")
        if kind == "owner":
            now["OwnerID"] = chance.randint(2, 59)
            return self._row("OwnerUpdate", f"%%{_AGENTS[now['OwnerID'] % len(_AGENTS)]}%%{now['OwnerID']}")
        return self._row(kind, "Reset of unlock time." if kind == "Misc" else "%%")

    def _row(self, kind: str, name: str) -> Json:
        return {
            "ArticleID": 0, "CreateBy": self._now["OwnerID"], "CreateTime": _wall(self._moment), "HistoryType": kind,
            "HistoryTypeID": 1, "Name": name, "TicketID": str(_ID), **self._now,
        }  # fmt: skip


def _wall(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def _written(value: Json) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _of(patterns: Sequence[bytes], number: int) -> bytes:
    return patterns[(number - FIRST) % PATTERNS].replace(b"%d" % _ID, b"%d" % number)
