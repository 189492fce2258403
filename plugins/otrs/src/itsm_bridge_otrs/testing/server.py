"""An OTRS on this machine: HTTP with the semantics of its generic interface, in front of a `Desk`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from urllib.parse import unquote, urlsplit

from itsm_bridge.simulation import Answer, Call, Fault, SimulatedServer
from itsm_bridge_otrs.testing import answers, asked, faults
from itsm_bridge_otrs.testing.asked import WebService
from itsm_bridge_otrs.testing.desk import Desk
from itsm_bridge_otrs.testing.faults import Faults
from itsm_bridge_otrs.testing.operations import WRITING, Operations
from itsm_bridge_otrs.testing.records import Ticket
from itsm_bridge_otrs.testing.sign_in import SignIn

_INTERFACE = "/nph-genericinterface.pl"


class SimulatedOtrs(SimulatedServer):
    """A context manager that serves a desk on 127.0.0.1 as OTRS, Znuny and OTOBO would.

    `desk` may bring one that is filled; else it is empty, in the zone `timezone`, and `now` fixes its clock.
    `services` are its web services: by default the packaged sample, and `ConnectorPOST` with JSON bodies throughout.
    `username` is the agent as whom it is read: what is visible is what that one sees; `apiro` is a restricted one.
    Requests are about operations, such as TicketGet.
    """

    software = "Apache/2.4.71 (Debian)"

    def __init__(
        self, timezone: str = "UTC", *, desk: Desk | None = None, now: datetime | None = None,
        faults: Faults | None = None, username: str = "api", services: Sequence[WebService] | None = None,
        port: int = 0, base_path: str = "/otrs",
    ) -> None:  # fmt: skip
        super().__init__(faults or Faults(), port=port, base_path=base_path)
        self.desk = desk or Desk(timezone, now=now)
        self.username = username
        self.services = {one.name: one for one in services or (asked.packaged(), asked.posting())}
        self.sign_in = SignIn(self.desk.words, lambda: self.desk.moment)
        self.operations = Operations(self.desk, self.sign_in)

    @property
    def password(self) -> str:
        """The password of the agent as whom it is read."""
        return self.desk.words.agents[self.username].password

    @property
    def now(self) -> datetime | None:
        """The moment at which the clock is fixed; None where it runs."""
        return self.desk.now

    @now.setter
    def now(self, moment: datetime | None) -> None:
        self.desk.now = moment

    # -- answers --------------------------------------------------------------------------------------

    def headers(self) -> dict[str, str]:
        """Return what all answers of the interface carry: neither a date nor the name of the software."""
        return {"Connection": "close"}

    def about(self, call: Call) -> str:
        """Return the operation that is asked; the path where there is none."""
        service, path = self._place(call)
        try:
            return asked.find(self.services[service], call, path)[0]
        except (KeyError, answers.Refusal):
            return call.path

    def answer(self, call: Call) -> Answer:
        """Answer a request to an operation."""
        asked.check_length(call)
        if not call.path.startswith(f"{_INTERFACE}/") and call.path != _INTERFACE:
            raise answers.login_page(404)
        name, path = self._place(call)
        if name not in self.services:
            raise answers.hung_up()
        operation, in_path = asked.find(self.services[name], call, path)
        if operation in WRITING:
            self.writes_attempted.append(f"{call.method} {call.target}")
        try:
            question = asked.read(operation, in_path, call)
            with self.desk.lock:
                answer = self.operations.answer(question)
        except answers.Refusal as refusal:
            answer = refusal.answer
        if self.services[name].keeps_alive and answer.wire == "http":
            answer.headers["Connection"] = "Keep-Alive"
        return answer

    def befall(self, fault: Fault, call: Call) -> Answer:
        """Return what a fault makes of an answer."""
        if fault.kind == "session_end":
            self.sign_in.end_all()
        about = self.about(call)
        return faults.refusal(fault, about, self.told_time()) or faults.spoil(fault, about, self.good_answer(call))

    def _place(self, call: Call) -> tuple[str, str]:
        """Return web service and route of a request."""
        rest = urlsplit(call.path).path.removeprefix(_INTERFACE)
        kind, _, rest = rest.lstrip("/").partition("/")
        name, slash, route = rest.partition("/")
        name = unquote(name)
        if kind == "WebserviceID" and name.isdigit() and 0 < int(name) <= len(self.services):
            name = list(self.services)[int(name) - 1]
        elif kind != "Webservice":
            name = ""
        return name, f"{slash}{route}"

    # -- the desk, as tests change it -----------------------------------------------------------------

    def visible(self, login: str = "") -> list[Ticket]:
        """Return the tickets that an agent may see, the one as whom it is read by default."""
        return [one for one in self.desk.visible(login or self.username) if str(one.id) not in self.operations.denied]

    def deny(self, keys: Collection[str]) -> None:
        """Deny tickets that searches still find, as where they vanish in between."""
        self.operations.denied |= set(keys)

    def end_sessions(self) -> None:
        """Let all sessions end."""
        self.sign_in.end_all()
