"""Applies the mapping as it is now to all that was ever read, without asking the tool (design §4)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from itsm_bridge.adapter import Adapter
from itsm_bridge.privacy_key import privacy_key
from itsm_bridge.progress import Progress
from itsm_bridge.schema import tool_tables
from itsm_bridge.settings import Config
from itsm_bridge.sources import OpenSource, open_source
from itsm_bridge.store.manifests import SNAPSHOT, Manifest
from itsm_bridge.store.store import Store
from itsm_bridge.sync import project_source, snapshot_body
from itsm_bridge.telling import capabilities_told, columns_told, declared_by


@dataclass(slots=True)
class RemapReport:
    """What a remap did: the snapshot published (None when nothing changed), rows changed, fields that need a read."""

    snapshot: Manifest | None
    appended: int = 0
    deleted: int = 0
    unread: dict[str, list[str]] = field(default_factory=dict)


def remap(config: Config, adapters: Mapping[str, type[Adapter]], progress: Progress) -> RemapReport:
    """Project every source table again and publish a snapshot, if anything came out differently."""
    store = Store(config.store.path)
    with store.lock("remap"):
        last = store.snapshot()
        report = RemapReport(None)
        started, key = datetime.now(UTC), privacy_key(config, store)
        number = last.number + 1
        for table in tool_tables():
            store.canonical_log(table).discard(number)
        sources: dict[str, Any] = dict(last.body["sources"])
        for name, earlier in last.body["sources"].items():
            settings = config.sources.get(name)
            if settings is None:
                continue
            source = open_source(name, settings, adapters[settings.adapter], key)
            with closing(source.adapter):
                sources[name] = _remap(store, source, number, earlier, progress, report)
        if report.appended or report.deleted or sources != last.body["sources"]:
            body = snapshot_body(store, number, started, sources, key)
            report.snapshot = store.chain.publish(SNAPSHOT, number, body)
        return report


def _remap(
    store: Store, source: OpenSource, number: int, earlier: Mapping[str, Any], progress: Progress, report: RemapReport
) -> Mapping[str, Any]:  # fmt: skip
    projected = project_source(store, source, number, earlier, progress)
    report.appended += projected.appended
    report.deleted += projected.deleted
    streams = {}
    for name, about in earlier["streams"].items():
        unread = sorted(source.decoders[name].unread(about)) if name in source.decoders else []
        if unread:
            report.unread[f"{source.name}:{name}"] = unread
        feeds = ",".join(sorted(set(projected.feeds.get(name, ()))))
        known = {"feeds": feeds or about["feeds"], "unmapped": projected.unmapped_of(name)}
        if name in source.decoders:
            known |= columns_told(source, name, about)
        streams[name] = {**about, **known}
    mapping = store.contents.put(source.mapping.contents)
    now = {
        **earlier,
        "streams": streams,
        **capabilities_told(source, declared_by(earlier), streams),
        "mapping": mapping,
        "projections": projected.digests,
        "unmapped": projected.unmapped,
    }
    return earlier if now == earlier and not (projected.appended or projected.deleted) else {**now, "included": number}
