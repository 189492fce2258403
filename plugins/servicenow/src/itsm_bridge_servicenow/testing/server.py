"""A ServiceNow instance on this machine: HTTP with the vendor's semantics, in front of an `Instance`."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from itsm_bridge.simulation import Answer, Call, Fault, SimulatedServer
from itsm_bridge_servicenow.testing import answers, damage
from itsm_bridge_servicenow.testing.answers import Refusal
from itsm_bridge_servicenow.testing.faults import Faults
from itsm_bridge_servicenow.testing.instance import Instance, Predicate
from itsm_bridge_servicenow.testing.places import place_of
from itsm_bridge_servicenow.testing.records import Row, Tables
from itsm_bridge_servicenow.testing.sign_in import GRANTS, SignIn
from itsm_bridge_servicenow.testing.stats_api import stats
from itsm_bridge_servicenow.testing.table_api import TableApi

_TOKENS = "/oauth_token.do"


class SimulatedServiceNow(SimulatedServer):
    """A context manager that serves tables on 127.0.0.1 as a ServiceNow instance would.

    `now` fixes the instance's clock (the machine's otherwise); `clock_skew_seconds` shifts its Date
    header. `invalid_query_returns_no_rows` is the vendor's property; `grants` the OAuth grants
    that are allowed; `longest_address` how many characters of path and query it takes. `sign_in` holds
    further ways in. Requests are about tables.
    """

    software = "ServiceNow"

    def __init__(
        self, tables: Tables, *, now: datetime | None = None, faults: Faults | None = None,
        username: str = "svc_bridge", password: str = "bridge-over-the-river", client_id: str = "client-7f3a",  # noqa: S107  made up
        client_secret: str = "shh-client", grants: Collection[str] = GRANTS, token_lifetime: int = 1799,  # noqa: S107  likewise
        clock: Callable[[], float] = time.time, clock_skew_seconds: float = 0, port: int = 0,
        invalid_query_returns_no_rows: bool = False, longest_address: int = 8000,
        base_path: str = "", tls: ssl.SSLContext | None = None,
    ) -> None:  # fmt: skip
        super().__init__(faults or Faults(), port=port, base_path=base_path, tls=tls)
        self.username, self.password = username, password
        self.client_id, self.client_secret = client_id, client_secret
        self.instance = Instance(tables, username, now)
        self.longest_address = longest_address
        self.clock_skew_seconds = clock_skew_seconds
        self.sign_in = SignIn(username, password, client_id, client_secret, clock, frozenset(grants), token_lifetime)
        self.table_api = TableApi(self.instance, self.url, invalid_query_returns_no_rows)

    def close(self) -> None:
        """Stop serving and give everything back."""
        super().close()
        self.instance.storage.close()

    # -- answers --------------------------------------------------------------------------------------

    def about(self, call: Call) -> str:
        """Return the table that is asked."""
        return "oauth_token" if call.path == _TOKENS else place_of(call).table

    def aside(self, call: Call) -> Answer | None:
        """Give tokens out, and turn down all that would write."""
        if call.method in ("GET", "HEAD"):
            return None
        if call.path == _TOKENS:
            return self.sign_in.token(call.headers.get("content-type", ""), call.content)
        self.writes_attempted.append(f"{call.method} {call.target}")
        return answers.error(405, "Method Not Allowed", f"{call.method} is not allowed here")

    def answer(self, call: Call) -> Answer:
        """Answer a request to the Table API or the Aggregate API."""
        if len(call.target) > self.longest_address:
            return Answer.page(414, "<html><body><h1>414 Request-URI Too Large</h1></body></html>")
        new_cookie = self.sign_in.admit(call.headers, call.certificate)
        answer = self._find(call)
        answer.headers.update(new_cookie)
        return answer

    def befall(self, fault: Fault, call: Call) -> Answer:
        """Return what a fault makes of an answer."""
        if fault.kind == "token_expiry":
            self.sign_in.expire()
        return damage.refusal(fault, self.told_time()) or damage.spoil(fault, self.good_answer(call))

    def _find(self, call: Call) -> Answer:
        place = place_of(call)
        if not place.is_api or not place.table or place.kind not in ("table", "stats"):
            raise Refusal(400, "Requested URI does not represent any resource")
        if place.kind == "stats":
            return stats(self.instance, place.table, call.parameters, self.url)
        if place.key:
            return self.table_api.single(place.table, place.key, call.parameters)
        return self.table_api.list(place.table, call.parameters, place.version)

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
