"""Who asks: a login with its password, or a session that was opened with them."""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from itsm_bridge_otrs.testing import answers
from itsm_bridge_otrs.testing.vocabulary import Agent, Customer, Vocabulary
from itsm_bridge_otrs.testing.wall import HOUR

IDLE_SECONDS = 2 * HOUR
_ALPHABET = string.ascii_letters + string.digits

Person = Agent | Customer


@dataclass(frozen=True, slots=True)
class _Session:
    person: Person
    opened_at: int


class SignIn:
    """Sessions end two hours after they were opened, however much they are used: calls do not keep them alive."""

    def __init__(self, words: Vocabulary, clock: Callable[[], int]) -> None:
        self._words = words
        self._clock = clock
        self._sessions: dict[str, _Session] = {}
        self._chance = random.Random(18580)

    def open(self, data: Mapping[str, Any]) -> str:
        """Return the name of a new session; raises Refusal."""
        if not data.get("Password"):
            raise answers.error("SessionCreate", "MissingParameter", "Password parameter is missing!")
        person = self._person(data)
        if person is None:
            raise answers.error("SessionCreate", "AuthFail", "Authorization failing!")
        name = "".join(self._chance.choices(_ALPHABET, k=32))
        self._sessions[name] = _Session(person, self._clock())
        return name

    def admit(self, operation: str, data: Mapping[str, Any]) -> Person:
        """Return who asks; raises Refusal. A session is looked at first, and alone."""
        session = data.get("SessionID")
        person = self.of(session) if session else self._person(data)
        if person is None:
            raise answers.error(operation, "AuthFail", "Authorization failing!")
        return person

    def of(self, session: Any) -> Person | None:
        """Return whose session it is; None for one that is none, or no longer."""
        found = self._sessions.get(str(session))
        return found.person if found and self._clock() - found.opened_at < IDLE_SECONDS else None

    def close(self, data: Mapping[str, Any]) -> None:
        """Close a session, which needs login and password besides; raises Refusal."""
        if self._person(data) is None:
            raise answers.error("SessionRemove", "AuthFail", "Authorization failed!")
        self._sessions.pop(str(data.get("SessionID")), None)

    def end_all(self) -> None:
        """Let all sessions end at once."""
        self._sessions.clear()

    def _person(self, data: Mapping[str, Any]) -> Person | None:
        if data.get("UserLogin"):
            person: Person | None = self._words.agents.get(str(data["UserLogin"]))
        else:
            person = self._words.customers.get(str(data.get("CustomerUserLogin")))
        return person if person and person.password == data.get("Password") else None
