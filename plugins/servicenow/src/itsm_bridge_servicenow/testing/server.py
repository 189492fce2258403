"""A ServiceNow instance on this machine: HTTP with the vendor's semantics, in front of an `Instance`."""

from __future__ import annotations

import ssl
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import ThreadingHTTPServer
from types import TracebackType
from typing import Any

from itsm_bridge_servicenow.testing.answers import Request
from itsm_bridge_servicenow.testing.faults import Faults
from itsm_bridge_servicenow.testing.instance import Instance, Predicate
from itsm_bridge_servicenow.testing.records import Row, Tables
from itsm_bridge_servicenow.testing.sign_in import GRANTS, SignIn
from itsm_bridge_servicenow.testing.table_api import TableApi
from itsm_bridge_servicenow.testing.web import conversation


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that break off or fail the handshake; a fault of our own is still told."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class SimulatedServiceNow:
    """A context manager that serves tables on 127.0.0.1 as a ServiceNow instance would.

    `now` fixes the instance's clock (the machine's otherwise); `clock_skew_seconds` shifts its Date
    header. `invalid_query_returns_no_rows` is the vendor's property; `grants` the OAuth grants
    that are allowed; `longest_address` how many characters of path and query it takes. `unrest` is called
    with table and parameters of each request before it is answered: records may change while others are
    read. `base_path` stands before every path, as behind a gateway; `tls` serves https. `sign_in` holds
    further ways in. `requests` and `writes_attempted` tell afterwards what a client did.
    """

    def __init__(
        self, tables: Tables, *, now: datetime | None = None, faults: Faults | None = None,
        username: str = "svc_bridge", password: str = "bridge-over-the-river", client_id: str = "client-7f3a",  # noqa: S107  made up
        client_secret: str = "shh-client", grants: Collection[str] = GRANTS, token_lifetime: int = 1799,  # noqa: S107  likewise
        clock: Callable[[], float] = time.time, clock_skew_seconds: float = 0, port: int = 0,
        invalid_query_returns_no_rows: bool = False, longest_address: int = 8000,
        base_path: str = "", tls: ssl.SSLContext | None = None,
    ) -> None:  # fmt: skip
        self.username, self.password = username, password
        self.client_id, self.client_secret = client_id, client_secret
        self.instance = Instance(tables, username, now)
        self.faults = faults or Faults()
        self.requests: list[Request] = []
        self.writes_attempted: list[str] = []
        self.unrest: Callable[[str, Mapping[str, str]], None] | None = None
        self.longest_address = longest_address
        self.most_at_once = 0
        self.clock_skew_seconds = clock_skew_seconds
        self.sign_in = SignIn(username, password, client_id, client_secret, clock, frozenset(grants), token_lifetime)
        self._under_way = 0
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", port), conversation(self), bind_and_activate=False)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._server.request_queue_size = 64
        self._server.server_bind()
        self._server.server_activate()
        if tls is not None:  # the handshake is left to the thread of the connection
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.base_path = base_path
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._server.server_port}{base_path}"
        self.table_api = TableApi(self.instance, self.url, invalid_query_returns_no_rows)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> SimulatedServiceNow:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving and give everything back."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()
        self.instance.storage.close()

    # -- the instance, as tests and the demo change it ------------------------------------------------

    @property
    def now(self) -> datetime:
        """The instance's clock."""
        return self.instance.now

    @now.setter
    def now(self, moment: datetime) -> None:
        self.instance.now = moment

    def insert(self, table: str, row: Mapping[str, str], user: str = "admin") -> str:
        """Add a record, system fields included; returns its sys_id."""
        return self.instance.insert(table, row, user)

    def update(
        self, table: str, key: str, changes: Mapping[str, str], user: str = "admin", audit: bool | None = None
    ) -> None:
        """Change a record as its user would; audited tables get history rows unless `audit` is false."""
        self.instance.update(table, key, changes, user, audit)

    def delete(self, table: str, key: str, user: str = "admin", record: bool = True) -> None:
        """Delete a record; sys_audit_delete names its real class unless `record` is false."""
        self.instance.delete(table, key, user, record)

    def load(self, table: str, rows: list[Row]) -> None:
        """Add rows exactly as they are, without touching the clock or writing history."""
        self.instance.load(table, rows)

    @contextmanager
    def at(self, seconds: int) -> Iterator[None]:
        """Turn the instance's clock back to a moment (epoch seconds) for a while."""
        moment = self.instance.now
        self.instance.now = datetime.fromtimestamp(seconds, UTC)
        try:
            yield
        finally:
            self.instance.now = moment

    def find(self, table: str, **values: str) -> list[Row]:
        """Return the rows whose fields have these values."""
        return self.instance.storage.matching(table, values)

    def rows(self, table: str) -> list[Row]:
        """Return every row that exists."""
        return self.instance.storage.rows(table)

    def visible(self, table: str) -> list[Row]:
        """Return every row and field that the account may see."""
        return self.instance.visible(table)

    def hide(self, table: str, which: Predicate | Collection[str]) -> None:
        """Hide rows from the account by a row rule: ids, or a predicate."""
        self.instance.hide(table, which)

    def deny_table(self, table: str) -> None:
        """Take the right to read a table away (403)."""
        self.instance.denied_tables.add(table)

    def deny_field(self, table: str, field: str) -> None:
        """Take the right to read a field away (the key is missing from rows)."""
        self.instance.denied_fields.add((table, field))

    def deny_range(self, table: str, field: str) -> None:
        """Take the right away to compare and sort by a field (query ACLs); it still shows in rows."""
        self.instance.denied_ranges.add((table, field))

    def allow(self) -> None:
        """Give all rights back."""
        self.instance.denied_ranges.clear()
        self.instance.denied_tables.clear()
        self.instance.denied_fields.clear()
        self.instance.show()

    def expire_tokens(self) -> None:
        """Make all OAuth tokens and sessions worthless."""
        self.sign_in.expire()

    # -- what a client did ----------------------------------------------------------------------------

    @property
    def requests_by_table(self) -> Counter[str]:
        """How many requests each table got."""
        return Counter(request.table for request in list(self.requests))

    @property
    def rows_by_table(self) -> Counter[str]:
        """How many records were handed out of each table."""
        found: Counter[str] = Counter()
        for request in list(self.requests):
            found[request.table] += request.rows
        return found

    def forget(self) -> None:
        """Empty the log of requests."""
        self.requests.clear()
        self.writes_attempted.clear()
        self.most_at_once = 0

    def started(self) -> None:
        """Note that a request is under way."""
        with self._lock:
            self._under_way += 1
            self.most_at_once = max(self.most_at_once, self._under_way)

    def finished(self) -> None:
        """Note that a request was answered."""
        with self._lock:
            self._under_way -= 1
