"""The operations of a web service: sessions, TicketSearch, TicketGet, TicketHistoryGet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from itsm_bridge.simulation import Answer
from itsm_bridge_otrs.testing import answers, ticket_json
from itsm_bridge_otrs.testing.asked import Question
from itsm_bridge_otrs.testing.desk import Desk
from itsm_bridge_otrs.testing.records import Ticket
from itsm_bridge_otrs.testing.search import listed, search
from itsm_bridge_otrs.testing.sign_in import Person, SignIn
from itsm_bridge_otrs.testing.ticket_json import Wanted
from itsm_bridge_otrs.testing.vocabulary import Agent

WRITING = ("TicketCreate", "TicketUpdate")
_DENIED = "User does not have access to the ticket"


class Operations:
    """What the operations answer. `denied` are tickets that may be found but not got."""

    def __init__(self, desk: Desk, sign_in: SignIn) -> None:
        self._desk = desk
        self._sign_in = sign_in
        self.denied: set[str] = set()

    def answer(self, question: Question) -> Answer:
        """Return the answer; may raise Refusal."""
        operation, data = question.operation, question.data
        if operation.startswith("Session"):
            return self._session(operation, data)
        person = self._sign_in.admit(operation, data)
        match operation:
            case "TicketSearch":
                found = search(self._desk, self._seen(person), data)
                return answers.told({"TicketID": found} if found else {}, rows=len(found))
            case "TicketGet":
                tickets = [one for _, one in self._asked_for(operation, data, person)]
                wanted = _wanted(data)
                told = [ticket_json.ticket(self._desk, one, wanted) for one in tickets]
                return answers.told({"Ticket": told}, rows=len(told))
            case "TicketHistoryGet":
                if not isinstance(person, Agent):
                    raise answers.error(operation, "AuthFail", "User needs to an Agent!")
                asked = self._asked_for(operation, data, person)
                told = [ticket_json.history(self._desk, one, key) for key, one in asked]
                return answers.told({"TicketHistory": told}, rows=len(told))
        raise answers.error(operation, "AccessDenied", f"{_DENIED}!")

    def _session(self, operation: str, data: Mapping[str, Any]) -> Answer:
        if operation == "SessionCreate":
            return answers.told({"SessionID": self._sign_in.open(data)})
        if operation == "SessionRemove":
            self._sign_in.close(data)
            return answers.told({"Success": 1})
        person = self._sign_in.of(data.get("SessionID"))
        if person is None:
            raise answers.error(operation, "SessionInvalid", "SessionID is Invalid!")
        kind = "User" if isinstance(person, Agent) else "Customer"
        keys = {"SessionSource": "GenericInterface", "UserLogin": person.name, "UserType": kind}
        return answers.told({"SessionData": [{"Key": key, "Value": value} for key, value in keys.items()]})

    def _seen(self, person: Person) -> list[Ticket]:
        return [one for one in self._desk.tickets.values() if self._may_see(person, one)]

    def _may_see(self, person: Person, one: Ticket) -> bool:
        if isinstance(person, Agent):
            return self._desk.words.may_see(person, self._desk.words.queues.by_id[one.queue])
        return person.company == one.company

    def _asked_for(self, operation: str, data: Mapping[str, Any], person: Person) -> list[tuple[Any, Ticket]]:
        """Return all tickets that are asked for, in that order, each as often as it is; or refuse them all."""
        asked = data.get("TicketID")
        if asked in (None, "", 0, "0"):
            raise answers.error(operation, "MissingParameter", "TicketID parameter is missing!")
        keys = asked if isinstance(asked, list) else None if isinstance(asked, dict) else str(asked).split(",")
        if not keys:
            raise answers.error(operation, "WrongStructure", "Structure for TicketID is not correct!")
        found = []
        for key in keys:
            text = str(key).strip()
            one = self._desk.tickets.get(int(text)) if text.isascii() and text.isdigit() else None
            if one is None or text in self.denied or not self._may_see(person, one):
                which = f" {key}" if operation == "TicketHistoryGet" else ""
                raise answers.error(operation, "AccessDenied", f"{_DENIED}{which}!")
            found.append((key, one))
        return found


def _wanted(data: Mapping[str, Any]) -> Wanted:
    return Wanted(
        is_extended=bool(data.get("Extended")), with_dynamic_fields=bool(data.get("DynamicFields")),
        with_articles=bool(data.get("AllArticles")), with_attachments=bool(data.get("Attachments")),
        with_contents=data.get("GetAttachmentContents", 1) not in ("", 0, "0"),
        senders=listed(data.get("ArticleSenderType")), is_newest_first=data.get("ArticleOrder") == "DESC",
        most_articles=int(data.get("ArticleLimit") or 0),
    )  # fmt: skip
