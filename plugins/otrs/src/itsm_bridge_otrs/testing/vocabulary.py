"""What an OTRS is set up with: states, types, priorities, queues, services, agreements, people, dynamic fields."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Protocol, TypeVar, cast

from itsm_bridge_otrs.testing.working_time import ALWAYS, BUSINESS, WorkingTime

ROOT = "root@localhost"
ADMINISTRATORS = "admin"
CLOSING = ("closed", "merged", "removed")
LEVELS = ("1 very low", "2 low", "3 normal", "4 high", "5 very high")
HISTORY_TYPES = (
    "NewTicket", "FollowUp", "SendAutoReject", "SendAutoReply", "SendAutoFollowUp", "Forward", "Bounce", "SendAnswer",
    "SendAgentNotification", "SendCustomerNotification", "EmailAgent", "EmailCustomer", "PhoneCallAgent",
    "PhoneCallCustomer", "AddNote", "Move", "Lock", "Unlock", "Remove", "TimeAccounting", "CustomerUpdate",
    "PriorityUpdate", "OwnerUpdate", "LoopProtection", "Misc", "SetPendingTime", "StateUpdate",
    "TicketDynamicFieldUpdate", "WebRequestCustomer", "TicketLinkAdd", "TicketLinkDelete", "SystemRequest", "Merged",
    "ResponsibleUpdate", "Subscribe", "Unsubscribe", "TypeUpdate", "ServiceUpdate", "SLAUpdate", "ArchiveFlagUpdate",
    "EscalationSolutionTimeStop", "EscalationResponseTimeStart", "EscalationUpdateTimeStart",
    "EscalationSolutionTimeStart", "EscalationResponseTimeNotifyBefore", "EscalationUpdateTimeNotifyBefore",
    "EscalationSolutionTimeNotifyBefore", "EscalationResponseTimeStop", "EscalationUpdateTimeStop", "TitleUpdate",
    "EmailResend", "Bulk",
)  # fmt: skip
HISTORY_TYPE_IDS: Mapping[str, int] = {name: number for number, name in enumerate(HISTORY_TYPES, 1)}


class _Entry(Protocol):
    @property
    def id(self) -> int: ...

    @property
    def name(self) -> str: ...


Entry = TypeVar("Entry", bound=_Entry)


class Register(Generic[Entry]):
    """Things of one kind, by id and by name. Names are found as they are written, capital letters included."""

    def __init__(self) -> None:
        self.by_id: dict[int, Entry] = {}
        self._by_name: dict[str, Entry] = {}

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.by_id.values())

    def __getitem__(self, name: str) -> Entry:
        return self._by_name[name]

    def get(self, name: str) -> Entry | None:
        """Return the one with a name; None where there is none."""
        return self._by_name.get(name)

    def add(self, entry: Entry) -> Entry:
        """Take one more in; raises ValueError for a name that is there."""
        if entry.name in self._by_name:
            raise ValueError(f"{entry.name} is there already")
        self.by_id[entry.id] = self._by_name[entry.name] = entry
        return entry

    def replace(self, name: str, **changes: Any) -> None:
        """Change one that is there."""
        new: Any = replace(cast("Any", self._by_name[name]), **changes)
        self.by_id[new.id] = self._by_name[name] = new

    @property
    def next_id(self) -> int:
        """The id of the next one."""
        return max(self.by_id, default=0) + 1


@dataclass(frozen=True, slots=True)
class Named:
    """A type, a service, a priority, or a group of agents."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class State(Named):
    """A state; `type` is new, open, closed, pending reminder, pending auto, removed or merged."""

    type: str


@dataclass(frozen=True, slots=True)
class Targets:
    """Working minutes to first response, between updates, and to a solution; 0 is no target.

    `warned_at` is the part of a target, in per cent, from which on a warning shows; 0 is never.
    """

    response: int = 0
    update: int = 0
    solution: int = 0
    calendar: str = ""
    warned_at: int = 0


@dataclass(frozen=True, slots=True)
class Queue(Named):
    """A queue; only agents of its group see its tickets. Its targets hold for tickets without an agreement."""

    group: int
    targets: Targets


@dataclass(frozen=True, slots=True)
class Sla(Named):
    """An agreement."""

    targets: Targets


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent; `name` is the login. None in `groups` is all of them but that of administrators."""

    id: int
    name: str
    password: str
    groups: Collection[int] | None


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer user; `name` is the login."""

    id: int
    name: str
    company: str
    password: str = "custpw"  # noqa: S105  made up


@dataclass(slots=True)
class Vocabulary:
    """All of it, as the packages bring it and with a few things more; the ids are those of a real installation."""

    states: Register[State] = field(default_factory=Register)
    types: Register[Named] = field(default_factory=Register)
    priorities: Register[Named] = field(default_factory=Register)
    groups: Register[Named] = field(default_factory=Register)
    queues: Register[Queue] = field(default_factory=Register)
    services: Register[Named] = field(default_factory=Register)
    slas: Register[Sla] = field(default_factory=Register)
    agents: Register[Agent] = field(default_factory=Register)
    customers: Register[Customer] = field(default_factory=Register)
    dynamic_fields: dict[str, str] = field(default_factory=dict)
    calendars: dict[str, WorkingTime] = field(default_factory=lambda: {"": BUSINESS, "2": ALWAYS})

    def add_state(self, name: str, type_: str) -> None:
        """Add a state."""
        self.states.add(State(self.states.next_id, name, type_))

    def add_type(self, name: str) -> None:
        """Add a type."""
        self.types.add(Named(self.types.next_id, name))

    def add_group(self, name: str) -> None:
        """Add a group of agents."""
        self.groups.add(Named(self.groups.next_id, name))

    def add_queue(self, name: str, *, group: str = "users", targets: Targets = Targets()) -> None:
        """Add a queue; `::` in its name makes it part of another one."""
        self.queues.add(Queue(self.queues.next_id, name, self.groups[group].id, targets))

    def add_service(self, name: str) -> None:
        """Add a service."""
        self.services.add(Named(self.services.next_id, name))

    def add_sla(self, name: str, targets: Targets = Targets()) -> None:
        """Add an agreement."""
        self.slas.add(Sla(self.slas.next_id, name, targets))

    def add_agent(self, login: str, *, password: str = "pw", groups: Collection[str] | None = None) -> None:  # noqa: S107  made up
        """Add an agent of some groups, or of all."""
        seen = None if groups is None else frozenset(self.groups[group].id for group in groups)
        self.agents.add(Agent(self.agents.next_id, login, password, seen))

    def add_customer(self, login: str, company: str) -> None:
        """Add a customer user of a company."""
        self.customers.add(Customer(self.customers.next_id, login, company))

    def add_dynamic_field(self, name: str, kind: str = "text") -> None:
        """Add a dynamic field: text, dropdown, multiselect, checkbox, date or datetime."""
        self.dynamic_fields[name] = kind

    def may_see(self, agent: Agent, queue: Queue) -> bool:
        """Return whether an agent may read the tickets of a queue."""
        if agent.id == 1 or agent.groups is None:
            return agent.id == 1 or queue.group != self.groups[ADMINISTRATORS].id
        return queue.group in agent.groups


def packaged() -> Vocabulary:
    """Return the vocabulary of a server as it was observed: what the packages bring, and what a service desk adds."""
    words = Vocabulary()
    for name, type_ in (
        ("new", "new"), ("closed successful", "closed"), ("closed unsuccessful", "closed"), ("open", "open"),
        ("removed", "removed"), ("pending reminder", "pending reminder"), ("pending auto close+", "pending auto"),
        ("pending auto close-", "pending auto"), ("merged", "merged"), ("closed with workaround", "closed"),
        ("in Bearbeitung – Lieferant", "open"),
    ):  # fmt: skip
        words.add_state(name, type_)
    for name in ("Unclassified", "Incident", "Problem", "RfC", "ServiceRequest", "Incident::Major"):
        words.add_type(name)
    for number, name in enumerate(LEVELS, 1):
        words.priorities.add(Named(number, name))
    for name in ("users", "admin", "stats", "network", "security"):
        words.add_group(name)
    for name in ("Postmaster", "Raw", "Junk", "Misc"):
        words.add_queue(name)
    words.add_queue("Service Desk", targets=Targets(response=60))
    words.add_queue("Service Desk::2nd Level", targets=Targets(update=240, solution=960))
    words.add_queue("Netzwerk & VPN", group="network")
    words.add_queue("Applications::SAP")
    words.add_queue("Security", group="security", targets=Targets(30, 60, 240, "2"))
    for name in ("E-Mail", "VPN", "Applications", "Applications::SAP ERP", "Workplace", "Workplace::Drucker & Scanner"):
        words.add_service(name)
    words.add_sla("Gold 24x7", Targets(60, 120, 240, "2", 80))
    words.add_sla("Silver", Targets(240, 480, 960, warned_at=80))
    words.add_sla("Bronze", Targets(480, 0, 2400, warned_at=80))
    words.add_sla("No targets")
    words.add_agent(ROOT, password="root")  # noqa: S106  made up
    words.add_agent("api", password="apipw")  # noqa: S106  likewise
    words.add_agent("apiro", password="apiropw", groups=["network"])  # noqa: S106  likewise
    for login in ("anna.müller", "bkovacs", "cnguyen", "dsmith", "eivanov"):
        words.add_agent(login)
    for login, company in (("jane", "ACME"), ("joerg", "ACME"), ("taro", "GLOBEX"), ("zoe", "GLOBEX")):
        words.add_customer(login, company)
    for name, kind in (
        ("AffectedSystems", "multiselect"), ("ExternalRef", "text"), ("ITSMCriticality", "dropdown"),
        ("ITSMDecisionResult", "dropdown"), ("ITSMDueDate", "datetime"), ("ITSMImpact", "dropdown"),
        ("ITSMRecoveryStartTime", "datetime"), ("ITSMRepairStartTime", "datetime"),
        ("ITSMReviewRequired", "dropdown"), ("IsMajor", "checkbox"), ("PlannedDate", "date"),
        ("ProcessManagementActivityID", "text"), ("ProcessManagementAttachment", "text"),
        ("ProcessManagementProcessID", "text"), ("RootCause", "text"), ("TicketCalendarEndTime", "datetime"),
        ("TicketCalendarStartTime", "datetime"),
    ):  # fmt: skip
        words.add_dynamic_field(name, kind)
    return words
