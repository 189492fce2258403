"""What the server and the store hold at one moment, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from updates import Updates
from znuny import Znuny

import itsm_bridge
from itsm_bridge.pipeline import check, doctor, sync
from itsm_bridge.plugins import Plugins
from itsm_bridge.rights import Diagnosis
from itsm_bridge.settings import Config
from itsm_bridge.settings import Store as StoreSettings
from itsm_bridge.store.store import Store
from itsm_bridge.sync import SyncReport
from itsm_bridge_otrs.adapter import OtrsAdapter

SOURCE = "live"
OVERLAY = Path(__file__).parent / "mappings"
Row = dict[str, Any]
_ASKED_OF_THE_DATABASE = {
    "users": "SELECT id, login FROM users",
    "clocks": """
        SELECT id, queue_id, sla_id, escalation_response_time AS response, escalation_update_time AS update,
               escalation_solution_time AS solution, escalation_time AS next FROM ticket
    """,
    "articles": """
        SELECT a.ticket_id, a.id, s.name AS sender, a.is_visible_for_customer AS visible, u.login AS author,
               to_char(a.create_time, 'YYYY-MM-DD HH24:MI:SS') AS created
        FROM article a JOIN article_sender_type s ON s.id = a.article_sender_type_id JOIN users u ON u.id = a.create_by
    """,
    "history": """
        SELECT h.ticket_id, h.id, t.name AS type, u.login AS author, coalesce(h.article_id, 0) AS article,
               to_char(h.create_time, 'YYYY-MM-DD HH24:MI:SS') AS created
        FROM ticket_history h JOIN ticket_history_type t ON t.id = h.history_type_id JOIN users u ON u.id = h.create_by
        ORDER BY h.ticket_id, h.create_time, h.id
    """,
}
_ASKED_OF_THE_STORE = {
    "work_item": """
        SELECT w.source_key AS id, w.number, w.title_text AS title, w.source_record_type AS type,
               w.source_state AS state, w.source_priority AS priority, w.created_at, w.updated_at AS changed_at,
               w.closed_at, w.first_response_at, g.name AS queue, o.login AS owner, c.login AS customer_user,
               s.name AS service
        FROM work_item w
        LEFT JOIN support_group g USING (support_group_id) LEFT JOIN service s USING (service_id)
        LEFT JOIN person o ON o.person_id = w.assignee_id LEFT JOIN person c ON c.person_id = w.requester_id
    """,
    "transition": """
        SELECT w.source_key AS ticket, t.source_old_value AS from, t.source_new_value AS to, t.at, p.login AS by
        FROM transition t JOIN work_item w USING (work_item_id) LEFT JOIN person p ON p.person_id = t.actor_id
        WHERE t.field = 'state' ORDER BY t.at, t.seq
    """,
    "clock": """
        SELECT split_part(i.sla_instance_id, ':', -1) AS id, d.name AS agreement, d.metric, d.goal_seconds,
               i.elapsed_seconds, i.is_breached, i.due_at
        FROM sla_instance i JOIN work_item w USING (work_item_id) JOIN sla_definition d USING (sla_definition_id)
    """,
    "duplicate": """
        SELECT a.source_key AS id, b.source_key AS into FROM relation r
        JOIN work_item a ON a.work_item_id = r.from_id JOIN work_item b ON b.work_item_id = r.to_id
        WHERE r.relation_type = 'duplicate_of'
    """,
    "comment": """
        SELECT w.source_key AS ticket, count(*) AS comments
        FROM comment JOIN work_item w USING (work_item_id) GROUP BY ALL
    """,
}
_TABLES = ("work_item", "transition", "comment", "relation", "support_group", "service", "person", "sla_instance",
           "sla_definition")  # fmt: skip
_STREAMS = ("ticket", "ticket_history", "ticket_article", "ticket_clock", "ticket_target")


@dataclass(frozen=True, repr=False)
class Server:
    """The server's own account of its tickets, and rows of its database."""

    truth: Row
    rows: dict[str, list[Row]]

    def tickets(self, queue: str | None = None) -> dict[int, Row]:
        """Return all tickets, or those of one queue."""
        return {each["id"]: each for each in self.truth["tickets"] if queue in (None, each["queue"])}


def look_at(znuny: Znuny) -> Server:
    """Hold still what the server holds."""
    return Server(znuny.truth(), {name: znuny.rows(query) for name, query in _ASKED_OF_THE_DATABASE.items()})


@dataclass(frozen=True, repr=False)
class Seen:
    """The server at one moment, what the store held then by table or stream, what the sync told, and what it asked."""

    server: Server
    store: dict[str, list[Row]]
    report: SyncReport
    requests: tuple[str, ...]


class Reader:
    """One source that reads the server with an account, into a store of its own."""

    def __init__(self, znuny: Znuny, folder: Path, account: str, password: str, plugins: Plugins) -> None:
        self._znuny, self._plugins = znuny, plugins
        secret = folder / "password"
        secret.write_text(password, encoding="utf-8")
        secret.chmod(0o600)
        given = {
            "adapter": "otrs", "url": znuny.url, "username": account, "password": {"file": str(secret)}, "people": "keep",
            "text": "keep", "mappings": [str(OVERLAY)], "connections": 2, "batch_tickets": 50, "window_tickets": 100,
        }  # fmt: skip
        self.config = Config(
            store=StoreSettings(path=str(folder / "store")),
            sources={SOURCE: OtrsAdapter.settings.model_validate(given)},
            folder=folder, file=folder / "itsm-bridge.toml",
        )  # fmt: skip

    def doctor(self) -> Diagnosis:
        """Ask what the account may read."""
        return doctor(self.config, self._plugins)[0]

    def report(self) -> str:
        """Judge what was read, and return the page for people."""
        page = self._plugins.reports["html"].write(
            check(self.config, self._plugins), self.config.folder / "report.html"
        )
        return str(page.read_text(encoding="utf-8"))

    def see(self, server: Server) -> Seen:
        """Sync, and hold still what the store holds then."""
        earlier = len(self._znuny.requests())
        report = sync(self.config, self._plugins)
        return Seen(server, self._held(), report, tuple(self._znuny.requests()[earlier:]))

    def _held(self) -> dict[str, list[Row]]:
        store, bridge = Store(self.config.store.path), itsm_bridge.open(self.config.store.path)
        number = store.snapshot().number
        logs = {name: store.source_log(SOURCE, name) for name in _STREAMS}
        found = {name: store.current(log, number).to_pylist() for name, log in logs.items()}
        with duckdb.connect() as connection:
            for table in _TABLES:
                connection.register(table, bridge.load(table))
            for name, query in _ASKED_OF_THE_STORE.items():
                found[name] = connection.sql(query).to_arrow_table().to_pylist()
        return found


@dataclass(frozen=True, repr=False)
class Story:
    """The two syncs of an account in one time zone, and what agents did between them."""

    zone: str
    first: Seen
    second: Seen
    done: Updates
    reader: Reader
