"""A company made of numbers, written straight into a store: mostly conforming, with known flaws of a few per cent.

Every record follows from its number, so that two runs make the same store.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa

from itsm_bridge.schema import TABLES, tool_tables
from itsm_bridge.schema.lifecycles import CAPABILITIES
from itsm_bridge.store.manifests import SNAPSHOT, Manifest
from itsm_bridge.store.store import Store, new_connection

NOW = datetime(2026, 7, 1, tzinfo=UTC)
PERIOD_FROM = NOW - timedelta(days=365)
_BATCH = 250_000


def make_company(path: str, work_items: int) -> Manifest:
    """Write tables and one snapshot; returns its manifest."""
    store, connection = Store(path), new_connection()
    _macros(connection)
    tables = _tables()
    item = tables.pop("item").format(count=work_items)
    connection.execute(f"CREATE TABLE item AS {item}").fetchall()
    held = {name: _write(store, connection, name, sql) for name, sql in tables.items()}
    return store.chain.publish(SNAPSHOT, 1, _body(held))


def _tables() -> dict[str, str]:
    text = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    return dict(re.findall(r"^-- table (\w+)\n(.*?);$", text, re.MULTILINE | re.DOTALL))


def _macros(connection: duckdb.DuckDBPyConnection) -> None:
    for sql in (
        "CREATE MACRO chance(n, salt) AS (hash(n * 1000 + salt) % 1000000) / 1000000.0",
        "CREATE MACRO id(kind, n) AS 'bench:' || kind || ':' || n",
        "CREATE MACRO one_of(kind, n, salt, most) AS id(kind, CAST(floor(chance(n, salt) * most) AS BIGINT))",
    ):
        connection.execute(sql).fetchall()


def _write(store: Store, connection: duckdb.DuckDBPyConnection, name: str, sql: str) -> int:
    table = TABLES[name]
    cursor = connection.cursor()
    given = [column[0] for column in cursor.execute(f"SELECT * FROM ({sql}) LIMIT 0").description]
    cursor.fetchall()
    columns = ", ".join(f'"{c}"' if c in given else f'NULL AS "{c}"' for c in table.names if c != "source_id")
    key = " || '/' || ".join(f'CAST("{column}" AS VARCHAR)' for column in table.key)
    stamped = (
        f"SELECT {key} AS _key, {key} AS _origin, 'bench/{name}' AS _stream, 0::BIGINT AS _unmapped, "
        f"md5({key}) AS _hash, 1::BIGINT AS _snapshot, 1::BIGINT AS _batch, FALSE AS _deleted, "
        f"'bench' AS source_id, {columns} FROM ({sql})"
    )
    log, rows = store.canonical_log(name), 0
    for batch in cursor.sql(stamped).to_arrow_reader(_BATCH):
        made = pa.Table.from_batches([batch])
        kinds = {field.name: field.type for field in table.arrow}
        log.append(made.cast(pa.schema([(n, kinds.get(n, made.schema.field(n).type)) for n in made.column_names])))
        rows += made.num_rows
    return rows


def _body(held: dict[str, int]) -> dict[str, object]:
    at = NOW.isoformat()
    streams: dict[str, object] = {
        name: {"status": "complete", "snapshot": 1, "feeds": name, "started_at": at, "finished_at": at, "title": name,
               "expected": held.get(name, 0), "received": held.get(name, 0), "held": held.get(name, 0), "hidden": 0,
               "truncated": 0, "quarantined": 0, "unmapped": 0, "cursor": None, "fields": []}
        for name in tool_tables()
    }  # fmt: skip
    capabilities = [{"capability": n, "record_type": "*", "level": "full", "reason": None} for n in CAPABILITIES]
    source = {"adapter": "benchmark", "base_url": "", "timezone": "UTC", "product": "", "problems": [],
              "streams": streams, "capabilities": capabilities, "mapping": {}, "projections": {},
              "included": 1}  # fmt: skip
    return {"started_at": at, "sources": {"bench": source}, "tables": {}, "software": {}, "privacy": ""}
