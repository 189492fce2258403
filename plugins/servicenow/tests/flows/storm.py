"""A small instance in which everything is difficult at once, and what an account should hold of it after a sync."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from random import Random
from threading import Lock
from typing import Any

import orjson
from simulated_site import PASSWORD

from itsm_bridge.adapter import SourceContext
from itsm_bridge.mapping.decoder import StreamDecoder
from itsm_bridge.plugins import build_plugin_manager
from itsm_bridge.privacy_key import privacy_key
from itsm_bridge.progress import SilentProgress
from itsm_bridge.settings import Config, load_config
from itsm_bridge.sources import open_source
from itsm_bridge.store.store import Store
from itsm_bridge.sync import SyncReport, sync
from itsm_bridge_servicenow.adapter import ServiceNow
from itsm_bridge_servicenow.scope import audited_fields, scope_of
from itsm_bridge_servicenow.streams import BY_NAME
from itsm_bridge_servicenow.testing import KINDS, Fault, Faults, SimulatedServiceNow
from itsm_bridge_servicenow.testing.records import DAY, HOUR, Row, Tables, duration, seconds_of, stamp, sys_id

NOW = datetime(2025, 3, 20, 9, tzinfo=UTC)
STREAMS = ("incident", "task_sla", "cmdb_ci", "sys_audit")
CHANGING = {"incident": "incident", "task_sla": "task_sla", "cmdb_ci": "cmdb_ci_server"}
"""Streams whose rows move and vanish while they are read, and the class that these rows have."""
Rows = list[tuple[str | None, ...]]
_MOVES, _REMOVALS = 12, 2
_EXPIRY = "token_expiry"
_TAIL = re.compile("sys_updated_on>=[0-9: -]+\\^ORDERBYsys_updated_on\\^ORDERBYsys_id")
_AUDITED = audited_fields([ServiceNow.mapping_folder()], ())


class Restless(ServiceNow):
    """The adapter, without the waits that faults ask for."""

    def __init__(self, context: SourceContext) -> None:
        super().__init__(context, sleep=lambda _: None)


@dataclass
class Unrest:
    """Changes records between requests until the last window of their stream is begun: what a tail must catch."""

    server: SimulatedServiceNow
    random: Random
    settled: set[str] = field(default_factory=set)
    moved: dict[str, int] = field(default_factory=dict)
    removed: dict[str, int] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def __call__(self, table: str, parameters: Mapping[str, str]) -> None:
        if table not in CHANGING:
            return
        query = parameters.get("sysparm_query", "")
        with self.lock:
            if _TAIL.fullmatch(query):
                self.settled.add(table)
            if table not in self.settled and "sys_updated_on<" in query:
                self._disturb(table, CHANGING[table])

    def _disturb(self, stream: str, table: str) -> None:
        rows = sorted(row["sys_id"] for row in self.server.rows(table))
        if self.moved.get(stream, 0) < _MOVES:
            for key in self.random.sample(rows, 3):
                changes = {"stage": "completed"} if table == "task_sla" else {"short_description": f"moved {key[:4]}"}
                self.server.update(table, key, changes, audit=False)
                self.moved[stream] = self.moved.get(stream, 0) + 1
        elif self.removed.get(stream, 0) < _REMOVALS:
            self.server.delete(table, self.random.choice(rows), record=False)
            self.removed[stream] = self.removed.get(stream, 0) + 1


@dataclass
class Storm:
    """One instance under all faults, the site that reads it, and the changes of another day."""

    server: SimulatedServiceNow
    folder: Path
    random: Random
    grant: str | None
    unrest: Unrest = field(init=False)

    def sync(self, *, wants_census: bool = False) -> SyncReport:
        """Read the instance while its records change."""
        self.unrest = self.server.unrest = Unrest(self.server, self.random)
        self.server.forget()
        report = sync(self.config, {"servicenow": Restless}, SilentProgress(), wants_census=wants_census)
        self.server.unrest = None
        return report

    @cached_property
    def config(self) -> Config:
        file = self.folder / "itsm-bridge.toml"
        client = f'client_id = "{self.server.client_id}"\nclient_secret = {{ env = "{PASSWORD}_CLIENT" }}\n'
        user = f'username = "{self.server.username}"\npassword = {{ env = "{PASSWORD}" }}\n'
        sign_in = {None: user, "password": client + user, "client_credentials": client}[self.grant]
        file.write_text(
            f'[store]\npath = "data"\n[sources.prod]\nadapter = "servicenow"\nurl = "{self.server.url}"\n{sign_in}'
            f"page_size = 25\nwindow_rows = 100\nstreams = {list(STREAMS)}\n", encoding="utf-8",
        )  # fmt: skip
        return load_config(file, build_plugin_manager())

    def meant(self, stream: str, *, hidden: bool = False) -> list[Row]:
        """Return the rows that a stream means: those that the account may see, or those that it may not."""
        allowed = scope_of(BY_NAME[stream], _AUDITED).filters
        if hidden:
            rows = [row for row in self.server.rows(stream) if row["sys_id"] in self.server.instance.hidden]
        else:
            rows = self.server.visible(stream)
        return [row for row in rows if all(row[name] in values for name, values in allowed.items())]

    def stored(self) -> dict[str, Rows]:
        """Return what the source tables hold."""
        store = Store(self.config.store.path)
        number = store.snapshots()[-1].number
        tables = {stream: store.current(store.source_log("prod", stream), number) for stream in STREAMS}
        return {stream: sorted(zip(*table.to_pydict().values(), strict=True)) for stream, table in tables.items()}

    def expected(self) -> dict[str, Rows]:
        """Return what the source tables should hold: what the account may see, made private as the store does."""
        found = {}
        for stream, decoder in self._decoders.items():
            shown = [{name: row[name] for name in decoder.names if name in row} for row in self.meant(stream)]
            table = decoder(orjson.dumps({"result": shown})).table
            found[stream] = sorted(zip(*table.to_pydict().values(), strict=True))
        return found

    @cached_property
    def _decoders(self) -> Mapping[str, StreamDecoder]:
        config = self.config
        source = open_source("prod", config.sources["prod"], Restless, privacy_key(config, Store(config.store.path)))
        source.adapter.close()
        return source.decoders

    def next_day(self, *, has_late_rows: bool) -> None:
        """Let a day go by: changes, new and deleted records, rows that were written late, and one unnoticed."""
        server, random = self.server, self.random
        server.now += timedelta(days=1)
        server.clock_skew_seconds += DAY
        now = seconds_of(server.now)
        for table, change in (("incident", {"state": "6"}), ("task_sla", {"has_breached": "true"}),
                              ("cmdb_ci_appl", {"install_status": "7"})):  # fmt: skip
            for row in random.sample(sorted(server.rows(table), key=lambda row: row["sys_id"]), 4):
                with server.at(now - random.randrange(20 * HOUR)):
                    server.update(table, row["sys_id"], change)
        for number in range(5):
            server.load("incident", [incident(random, 900 + number, now - random.randrange(20 * HOUR))])
        for table, is_recorded in (("incident", True), ("incident", False), ("cmdb_ci_server", True)):
            key = random.choice(sorted(row["sys_id"] for row in server.rows(table)))
            server.delete(table, key, record=is_recorded)
        before = seconds_of(NOW) - (5 * DAY if has_late_rows else 20)
        server.load("incident", [incident(random, 990 + number, before) for number in range(2)])


def started(seed: int, folder: Path) -> Storm:
    """Return a storm: the server is still to be entered."""
    random = Random(seed)
    others = [kind for kind in KINDS if kind != _EXPIRY]
    faults = Faults(seed=seed, only=others, probability=0.3, seconds=0.0, most_in_a_row=2)
    # Never twice while a request is tried again: credentials that are refused anew are taken to be wrong.
    faults.add(Fault(_EXPIRY, every=25))
    skew = (NOW - datetime.now(UTC)).total_seconds()
    server = SimulatedServiceNow(_tables(random), now=NOW, faults=faults, clock_skew_seconds=skew)
    for table, share in (("incident", 5), ("task_sla", 6), ("sys_audit", 9)):
        rows = sorted(row["sys_id"] for row in server.rows(table))
        server.hide(table, random.sample(rows, len(rows) // share))
    server.deny_field("incident", "category")
    return Storm(server, folder, random, (None, "client_credentials", "password")[seed % 3])


def incident(random: Random, number: int, updated: int | None) -> Row:
    """Return an incident with whatever a field can hold, nothing included."""
    text = random.choice(["", "Printer ^ORstate=1", "Überall «Störung»", 'a "quoted" \\ line\nand another', "plain"])
    at = "" if updated is None else stamp(updated)
    return {
        "sys_id": sys_id("incident", number), "number": f"INC{number:07}", "sys_class_name": "incident",
        "state": random.choice("1236"), "priority": random.choice("12345"), "short_description": text,
        "description": text * 3, "category": "network", "caller_id": sys_id("sys_user", random.randrange(12)),
        "close_notes": random.choice(["", "<p>done</p>"]), "resolved_at": random.choice(["", at]), "opened_at": at,
        "sys_created_on": stamp(seconds_of(NOW) - 90 * DAY), "sys_updated_on": at, "sys_mod_count": "1",
    }  # fmt: skip


def _tables(random: Random) -> Tables:
    """Return about 450 rows: many of one second, some of the last hour, some without a date."""
    now = seconds_of(NOW)
    moments = [now - 12 * DAY] * 45 + [now - 600] * 15 + [None] * 4
    moments += [now - random.randrange(60 * DAY) for _ in range(76)]
    incidents = [incident(random, number, at) for number, at in enumerate(moments)]
    keys = [row["sys_id"] for row in incidents]

    def system(table: str, number: int, at: int) -> Row:
        created = {"sys_id": sys_id(table, number), "sys_created_on": stamp(at)}
        return created if table.startswith("sys_audit") else {**created, "sys_updated_on": stamp(at)}

    def rows(table: str, count: int, make: Any) -> list[Row]:
        ties = now - random.randrange(2, 30) * DAY
        times = [ties if random.random() < 0.4 else now - random.randrange(40 * DAY) for _ in range(count)]
        return [{**system(table, number, at), **make(number)} for number, at in enumerate(times)]

    return {
        "incident": incidents,
        "task_sla": rows("task_sla", 60, lambda n: {
            "task": random.choice(keys), "stage": random.choice(["in_progress", "paused"]), "has_breached": "false",
            "business_duration": duration(random.randrange(5 * DAY)), "percentage": "37.5"}),
        "cmdb_ci_server": rows("cmdb_ci_server", 40, lambda n: {"name": f"srv{n}", "sys_class_name": "cmdb_ci_server"}),
        "cmdb_ci_appl": rows("cmdb_ci_appl", 25, lambda n: {"name": f"app{n}", "sys_class_name": "cmdb_ci_appl"}),
        "sys_audit": rows("sys_audit", 130, lambda n: {
            "tablename": random.choice(["incident", "incident", "sys_user"]), "documentkey": random.choice(keys),
            "fieldname": random.choice(["state", "priority", "u_colour"]), "oldvalue": "1", "newvalue": "2",
            "user": "jane", "record_checkpoint": str(n)}),
        "sys_audit_delete": [{**system("sys_audit_delete", 0, now - 80 * DAY), "tablename": "problem",
                              "documentkey": "f" * 32}],
    }  # fmt: skip
