"""A tool of nothing but answers, read by the functions of the adapter and mapped by the packaged files and overlays."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from itsm_bridge.adapter import (
    Access,
    Adapter,
    Census,
    Envelope,
    Page,
    Preflight,
    SourceContext,
    SourceSettings,
    Stream,
    Window,
)
from itsm_bridge.analysis import Bridge, open_store
from itsm_bridge.progress import SilentProgress
from itsm_bridge.settings import Config
from itsm_bridge.settings import Store as StoreSettings
from itsm_bridge.sync import sync
from itsm_bridge_otrs.articles import articles
from itsm_bridge_otrs.clocks import clocks, targets
from itsm_bridge_otrs.history import history
from itsm_bridge_otrs.met import Met
from itsm_bridge_otrs.shape import Shape
from itsm_bridge_otrs.streams import STREAMS
from itsm_bridge_otrs.tickets import tickets
from itsm_bridge_otrs.zone import Zone

FOLDER = Path(__file__).parents[4] / "mappings" / "otrs"
Json = dict[str, Any]
STATES = {
    "new": (1, "new"), "closed successful": (2, "closed"), "closed unsuccessful": (3, "closed"), "open": (4, "open"),
    "removed": (5, "removed"), "pending reminder": (6, "pending reminder"), "pending auto close+": (7, "pending auto"),
    "pending auto close-": (8, "pending auto"), "merged": (9, "merged"), "closed with workaround": (10, "closed"),
    "Wartet auf Lieferant": (11, "pending reminder"), "in Bearbeitung": (12, "open"),
}  # fmt: skip
TYPES = {"Unclassified": 1, "Incident": 2, "Problem": 3, "RfC": 4, "ServiceRequest": 5, "Incident::Major": 6}
AGENTS = {1: "root@localhost", 2: "api", 5: "bkovacs", 7: "dsmith"}
QUEUES = {5: "Service Desk", 6: "Service Desk::2nd Level"}


class Answers(Adapter):
    """Reads bodies; `Office` binds them."""

    name: ClassVar[str] = "answers"
    title: ClassVar[str] = "Answers"
    settings: ClassVar[type[SourceSettings]] = SourceSettings
    streams: ClassVar[tuple[Stream, ...]] = STREAMS
    envelope: ClassVar[Envelope] = Envelope("Ticket", ())
    bodies: ClassVar[list[tuple[bytes, bytes]]]
    zone: ClassVar[str]

    def __init__(self, context: SourceContext) -> None:
        super().__init__(context)
        self._shape, self._met = Shape(context.fields), Met()

    @classmethod
    def mapping_folder(cls) -> Path | None:
        return FOLDER

    def preflight(self) -> Preflight:
        return Preflight("tester", access=tuple(Access(stream.name, True) for stream in STREAMS))

    def plan(self, stream: Stream, cursor: str | None) -> Sequence[Window]:
        return [Window(stream.name, "all", None, None)]

    def read(self, window: Window) -> Iterator[Page]:
        zone = Zone(self.zone)
        for told, passed in self.bodies:
            page, entries = self._shape.decode_tickets(told), self._shape.decode_histories(passed)
            columns, count = tickets(self._shape, page, zone)
            rows = history(entries, zone, self._met.names_with(page))
            found = {
                "ticket_history": rows, "ticket_article": articles(page, zone), "ticket_clock": clocks(page, zone),
                "ticket_target": targets(clocks(page, zone)), **self._met.of(page, rows),
            }  # fmt: skip
            details = {name: self.context.tabulate(name, *given) for name, given in found.items()}
            yield self.context.tabulate("ticket", columns, count, details=details)

    def census(self, stream: Stream) -> Census:
        return Census([], None)


class Office:
    """Tickets as the interface tells them, a store, and short words for what tests do with them."""

    def __init__(self, folder: Path, *, zone: str = "UTC", people: str = "keep", **overlay: str) -> None:
        self.folder = folder
        self.tickets: dict[int, Json] = {}
        self.histories: dict[int, list[Json]] = {}
        self.bodies: list[tuple[bytes, bytes]] = []
        bound = type("Bound", (Answers,), {"bodies": self.bodies, "zone": zone})
        self.adapters: dict[str, type[Adapter]] = {"answers": bound}
        self._people = people
        self._view: Bridge | None = None
        (folder / "own").mkdir(exist_ok=True)
        for name, text in overlay.items():
            (folder / "own" / f"{name}.toml").write_text(text)

    def ticket(self, key: int, state: str = "open", kind: str = "Incident", /, **more: Any) -> Json:
        """A ticket in a state and of a type; `more` are its fields, `dynamic` those of the site."""
        number, state_type = STATES[state]
        owner, queue, responsible = more.get("OwnerID", 1), more.get("QueueID", 5), more.get("ResponsibleID", 1)
        own = more.pop("dynamic", {})
        self.tickets[key] = {
            "TicketID": key, "TicketNumber": f"20260301{key:08}", "Title": f"Ticket {key}", "State": state,
            "StateID": number, "StateType": state_type, "Type": kind, "TypeID": TYPES.get(kind, 99),
            "Queue": QUEUES[queue], "QueueID": queue, "Priority": "3 normal", "PriorityID": 3, "Lock": "unlock",
            "Owner": AGENTS[owner], "OwnerID": owner, "Responsible": AGENTS[responsible], "ResponsibleID": 1, "SLAID": "",
            "ServiceID": "", "CustomerUserID": "jane", "CustomerID": "ACME", "CreateBy": 1, "ChangeBy": 1,
            "Created": "2026-03-01 08:00:00", "Changed": "2026-03-02 08:00:00", "RealTillTimeNotUsed": 0,
            "EscalationResponseTime": 0, "EscalationUpdateTime": 0, "EscalationSolutionTime": 0, "Article": [], **more,
            "DynamicField": [{"Name": name, "Value": value} for name, value in own.items()],
        }  # fmt: skip
        self.histories.setdefault(key, [])
        return self.tickets[key]

    def article(self, ticket: int, key: int, sender: str, **more: Any) -> None:
        self.tickets[ticket]["Article"].append({
            "ArticleID": key, "SenderType": sender, "CreateBy": 5, "CreateTime": "2026-03-01 09:00:00",
            "IsVisibleForCustomer": 1, "CommunicationChannelID": 1, "Subject": "Re", "Body": "Words.", **more,
        })  # fmt: skip

    def entry(self, ticket: int, kind: str, text: str, at: str = "2026-03-01 08:00:00", **more: Any) -> None:
        """A row of a history, with the ids after it; those not given are of the row before."""
        before = self.histories[ticket][-1] if self.histories[ticket] else {}
        ids = {"StateID": 1, "QueueID": 5, "OwnerID": 1, "PriorityID": 3, "TypeID": 2}
        ids |= {name: before.get(name, value) for name, value in ids.items()}
        row = {
            "TicketID": str(ticket),
            "HistoryType": kind,
            "Name": text,
            "CreateTime": at,
            "CreateBy": 5,
            "ArticleID": 0,
        }
        self.histories[ticket].append(row | ids | more)

    def life(self, ticket: int, *states: str) -> None:
        """A history of states, one an hour, from the first on, in which the ticket was made."""
        for hour, (old, new) in enumerate(zip((None, *states), states, strict=False), 8):
            at, number = f"2026-03-01 {hour:02}:00:00", STATES[new][0]
            text = f"%%{old}%%{new}%%" if old else f"%%2026%%Service Desk%%3 normal%%{new}%%{ticket}"
            self.entry(ticket, "StateUpdate" if old else "NewTicket", text, at, StateID=number)

    def answers(self, told: Mapping[str, Any], passed: Mapping[str, Any]) -> None:
        self.bodies.append((json.dumps(told).encode(), json.dumps(passed).encode()))

    def sync(self) -> None:
        if self.tickets:
            self.bodies.clear()
            passed = [{"TicketID": str(key), "History": rows} for key, rows in self.histories.items()]
            self.answers({"Ticket": list(self.tickets.values())}, {"TicketHistory": passed})
        settings = SourceSettings(
            adapter="answers", mappings=(self.folder / "own",), people="keep" if self._people == "keep" else "pseudonym"
        )  # fmt: skip
        config = Config(
            store=StoreSettings(path=str(self.folder / "store")), sources={"otrs": settings}, folder=self.folder,
            file=self.folder / "itsm-bridge.toml",
        )  # fmt: skip
        sync(config, self.adapters, SilentProgress())
        self._view = None

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        self._view = self._view or open_store(self.folder / "store")
        frame = self._view.sql(query)
        return [tuple(None if pd.isna(v) else v for v in row) for row in frame.itertuples(index=False)]

    def of(self, tickets: range, columns: str, table: str = "work_item", order: str = "1") -> list[tuple[Any, ...]]:
        """Columns of the rows about these tickets, in order of the tickets and then as said."""
        place = "CAST(split_part(work_item_id, ':', 3) AS INT)"
        within = f"{place} BETWEEN {tickets.start} AND {tickets.stop - 1}"
        return self.sql(f"SELECT {columns} FROM {table} WHERE {within} ORDER BY {place}, {order}")
