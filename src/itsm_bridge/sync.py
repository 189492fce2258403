"""One sync: read what changed in every source, bring the common schema up to date, publish a snapshot."""

from __future__ import annotations

import gc
import logging
import platform
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

from itsm_bridge.adapter import Adapter, Preflight, SourceSettings
from itsm_bridge.errors import ConfigurationError, ItsmBridgeError, SourceError
from itsm_bridge.extract import Extraction
from itsm_bridge.notes import NOTE, Notes
from itsm_bridge.privacy import Privacy
from itsm_bridge.privacy_key import privacy_key
from itsm_bridge.progress import Progress
from itsm_bridge.project import Projected, SourceProjection
from itsm_bridge.readings import Asked
from itsm_bridge.schema import tool_tables
from itsm_bridge.settings import Config
from itsm_bridge.sources import OpenSource, open_source
from itsm_bridge.store.manifests import SNAPSHOT, Manifest
from itsm_bridge.store.store import Store
from itsm_bridge.telling import capabilities_told, columns_told

log = logging.getLogger(__name__)

SOFTWARE = ("itsm-bridge", "deltalake", "duckdb", "pandas", "pyarrow", "sqlglot")
_GARBAGE = (100_000, 20, 20)
"""Objects that are new before a search begins, and how many searches of the young before one of the older."""


@dataclass(slots=True)
class SyncReport:
    """What a sync did: the snapshot published, the completeness record of every stream of every source.

    `errors` say why a source could not be read at all.
    """

    snapshot: Manifest
    streams: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    errors: dict[str, ItsmBridgeError] = field(default_factory=dict)
    appended: int = 0
    received: int = 0

    @property
    def incomplete(self) -> list[str]:
        """Streams that did not come whole, as `source:stream`, and fields that did not show, `source:stream.field`."""
        found = []
        for source, streams in self.streams.items():
            for name, about in streams.items():
                if about["status"] not in ("complete", "skipped"):
                    found.append(f"{source}:{name}")
                found += [
                    f"{source}:{name}.{field}" for field in (about.get("missing_fields") or "").split(", ") if field
                ]
        return found


def sync(
    config: Config, adapters: Mapping[str, type[Adapter]], progress: Progress, *,
    is_full: bool = False, wants_census: bool = False, only: Sequence[str] | None = None,
) -> SyncReport:  # fmt: skip
    """Read all sources and publish one snapshot.

    Raises SourceError when no source could be read at all; a source that fails beside others that do not is
    recorded as failed. Nothing is visible before the snapshot is published.
    """
    store = Store(config.store.path)
    chosen = _chosen(config, only)
    with store.lock("sync"), _garbage_left_lying():
        return _Sync(config, store, adapters, progress, is_full, wants_census).run(chosen)


@contextmanager
def _garbage_left_lying() -> Iterator[None]:
    """Search seldom for garbage in cycles, and not in what was there before.

    Rows come and go by the million and leave none, yet every few thousand of them would begin a search.
    """
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*_GARBAGE)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


def _chosen(config: Config, only: Sequence[str] | None) -> dict[str, SourceSettings]:
    unknown = set(only or ()) - set(config.sources)
    if unknown:
        raise ConfigurationError(f"there is no source `{min(unknown)}`", where=str(config.file),
                                 hint=f"Sources are {', '.join(config.sources)}.")  # fmt: skip
    return {name: settings for name, settings in config.sources.items() if only is None or name in only}


class _Sync:
    def __init__(
        self, config: Config, store: Store, adapters: Mapping[str, type[Adapter]], progress: Progress,
        is_full: bool, wants_census: bool,
    ) -> None:  # fmt: skip
        self._config = config
        self._store = store
        self._adapters = adapters
        self._progress = progress
        self._is_full = is_full
        self._wants_census = wants_census
        snapshots = store.snapshots()
        self._last = snapshots[-1] if snapshots else None
        self._number = (self._last.number if self._last else 0) + 1
        self._started = datetime.now(UTC)
        self._notes = Notes(store.state_folder / NOTE, self._number)
        self._key = privacy_key(config, store)

    def run(self, chosen: Mapping[str, SourceSettings]) -> SyncReport:
        for table in tool_tables():
            self._store.canonical_log(table).discard(self._number)
        opened = [open_source(n, s, self._adapters[s.adapter], self._key) for n, s in chosen.items()]
        sources: dict[str, Any] = {}
        errors: list[tuple[str, ItsmBridgeError]] = []
        readable = 0
        for source in opened:
            with closing(source.adapter):
                try:
                    sources[source.name] = self._read(source)
                    readable += 1
                except SourceError as error:
                    errors.append((source.name, error))
                    sources[source.name] = self._unread(source, error)
        for name, failure in errors if readable else errors[1:]:
            log.error("%s: %s%s", name, failure, f" ({failure.hint})" if failure.hint else "")
        if not readable:
            raise errors[0][1]
        for name, about in self._earlier_sources().items():
            if name not in sources and name in self._config.sources:
                sources[name] = about
        report = self._publish(sources)
        report.errors = dict(errors)
        return report

    def _earlier_sources(self) -> Mapping[str, Any]:
        return self._last.body["sources"] if self._last else {}

    def _read(self, source: OpenSource) -> dict[str, Any]:
        self._progress.note(f"{source.name}: looking at what the account may read")
        found = source.adapter.preflight()
        earlier = self._earlier_sources().get(source.name, {})
        asked = Asked(
            earlier.get("streams", {}), self._is_full, self._wants_census or self._is_full,
            found.clock_difference_seconds or 0.0,
        )  # fmt: skip
        extraction = Extraction(
            self._store, self._store.scratch(), source.name, source.adapter, source.decoders, self._number,
            self._notes, self._progress, asked,
        )  # fmt: skip
        streams = extraction.run(found.access)
        if streams and all(about["status"] in ("failed", "denied") for about in streams.values()):
            reason = next(about["reason"] for about in streams.values())
            raise SourceError(f"no stream could be read: {reason}", where=source.name,
                              hint="Run `itsm-bridge doctor` to see what the account may read.")  # fmt: skip
        projected = self._project(source, earlier)
        return self._about(source, found, streams, projected)

    def _project(self, source: OpenSource, earlier: Mapping[str, Any]) -> Projected:
        return project_source(self._store, source, self._number, earlier, self._progress)

    def _about(
        self, source: OpenSource, found: Preflight, streams: dict[str, dict[str, Any]], projected: Projected
    ) -> dict[str, Any]:
        traffic = source.adapter.traffic
        titles = {stream.name: stream.title for stream in source.adapter.streams}
        for name, about in streams.items():
            about["feeds"] = ",".join(sorted(set(projected.feeds.get(name, _fed(source, name)))))
            about |= {"title": titles.get(name, name), "unmapped": projected.unmapped_of(name)}
            about["missing_fields"] = ", ".join(about.get("missing_fields", ()))
            about |= columns_told(source, name, about)
        return {
            "adapter": source.settings.adapter, "base_url": str(getattr(source.settings, "url", "") or ""),
            "timezone": found.timezone, "product": found.product, "problems": list(found.problems),
            "streams": dict(sorted(streams.items())), **capabilities_told(source, found.capabilities, streams),
            "mapping": self._store.contents.put(source.mapping.contents), "projections": projected.digests,
            "included": self._number, "unmapped": projected.unmapped,
            "requests": traffic.requests, "retried": traffic.retries, "bytes": traffic.bytes,
            "projected": {"appended": projected.appended, "deleted": projected.deleted},
        }  # fmt: skip

    def _unread(self, source: OpenSource, error: SourceError) -> dict[str, Any]:
        earlier = self._earlier_sources().get(source.name, {})
        now = datetime.now(UTC).isoformat()
        failed = {
            "status": "failed", "reason": str(error), "remedy": error.hint, "snapshot": self._number,
            "received": 0, "started_at": now, "finished_at": now,
        }  # fmt: skip
        known: dict[str, dict[str, Any]] = earlier.get("streams", {})
        streams = {
            name: {
                **known.get(name, {}),
                **failed,
                "feeds": known.get(name, {}).get("feeds", ",".join(_fed(source, name))),
            }
            for name in source.decoders
        }
        base: dict[str, Any] = {
            "adapter": source.settings.adapter, "base_url": str(getattr(source.settings, "url", "") or ""),
            "timezone": None, "product": "", "capabilities": [], "mapping": {}, "projections": {},
        }  # fmt: skip
        return {**base, **earlier, "streams": streams, "problems": [str(error)]}

    def _publish(self, sources: dict[str, Any]) -> SyncReport:
        body = snapshot_body(self._store, self._number, self._started, sources, self._key)
        self._progress.note("publishing the snapshot")
        manifest = self._store.chain.publish(SNAPSHOT, self._number, body)
        self._notes.clear()
        streams = {name: about["streams"] for name, about in sources.items()}
        everything = [about for per_source in streams.values() for about in per_source.values()]
        return SyncReport(
            manifest, streams,
            appended=sum(about.get("appended") or 0 for about in everything if about["snapshot"] == self._number),
            received=sum(about.get("received") or 0 for about in everything if about["snapshot"] == self._number),
        )  # fmt: skip


def project_source(
    store: Store, source: OpenSource, number: int, earlier: Mapping[str, Any], progress: Progress
) -> Projected:
    """Bring the canonical tables that a source feeds up to date; `earlier` is its part of the last manifest."""
    links = {stream: source.adapter.link(stream) for stream in source.decoders}
    projection = SourceProjection(store, source.name, source.mapping, links, number=number, earlier=earlier)
    return projection.run(progress)


def snapshot_body(
    store: Store, number: int, started: datetime, sources: Mapping[str, Any], key: bytes
) -> dict[str, Any]:
    """Return the manifest of a snapshot: who was asked, what came, digests of what was appended, versions.

    Rows that a broken run left in tables that this one did not touch are published with it, and so in its digests.
    """
    names = {f"canonical/{table}" for table in tool_tables()}
    names |= {f"source/{name}/{stream}" for name, about in sources.items() for stream in about["streams"]}
    names |= {name for name in store.log_names() if not name.startswith("assessment/")}
    return {
        "started_at": started.isoformat(), "sources": dict(sources), "tables": store.digests(names, number),
        "software": software(), "privacy": Privacy(key).fingerprint,
    }  # fmt: skip


def software() -> dict[str, str]:
    """Return the versions that a verdict depends on."""
    found = {"python": platform.python_version()}
    for name in SOFTWARE:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "unknown"
    return found


def _fed(source: OpenSource, stream: str) -> list[str]:
    return sorted({rule.table.name for rule in source.mapping.streams[stream].tables})
