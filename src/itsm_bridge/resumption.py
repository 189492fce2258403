"""Where each stream of a source resumes: from its cursor, or from the beginning for fields that are new to it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import duckdb

from itsm_bridge.adapter import Access, Stream
from itsm_bridge.completeness import denied_record
from itsm_bridge.details import Details
from itsm_bridge.mapping.decoder import StreamDecoder
from itsm_bridge.readings import Asked, Reading
from itsm_bridge.store.store import Store
from itsm_bridge.store.versions import VersionWriter

log = logging.getLogger(__name__)


class Resumption:
    """Begins the readings of one source's streams for one snapshot."""

    def __init__(
        self, store: Store, connection: duckdb.DuckDBPyConnection, source: str,
        decoders: Mapping[str, StreamDecoder], number: int, asked: Asked,
    ) -> None:  # fmt: skip
        self._store = store
        self._connection = connection
        self._source = source
        self._decoders = decoders
        self._number = number
        self._asked = asked

    def begin(
        self, streams: Sequence[Stream], access: Sequence[Access]
    ) -> tuple[list[Reading], dict[str, dict[str, Any]]]:  # fmt: skip
        """Return the readings of streams that may be read, details within them, and the records of all others."""
        found = {item.stream: item for item in access}
        wanted = [stream for stream in streams if stream.name in self._decoders]
        open_ = [s for s in wanted if found.get(s.name, Access(s.name, True)).is_readable]
        names = {stream.name for stream in open_ if not stream.detail_of}
        readings = [
            self._with_details(stream, [each for each in open_ if each.detail_of == stream.name], found)
            for stream in open_ if not stream.detail_of
        ]  # fmt: skip
        denied = {}
        for stream in wanted:
            if stream not in open_:
                denied[stream.name] = found[stream.name]
            elif stream.detail_of and stream.detail_of not in names:
                parent = found.get(stream.detail_of, Access(stream.detail_of, False))
                reason = f"it comes with {stream.detail_of}, which is not read"
                denied[stream.name] = Access(
                    stream.name, False, reason=reason, remedy=parent.remedy, exists=parent.exists
                )
        return readings, {name: denied_record(item, self._number, self._earlier(name)) for name, item in denied.items()}

    def _with_details(self, stream: Stream, details: Sequence[Stream], access: Mapping[str, Access]) -> Reading:
        together = (stream, *details)
        cursor = None if self._asked.is_full else self._earlier(stream.name).get("cursor")
        for each in together if cursor else ():
            missing = access[each.name].missing_fields if each.name in access else ()
            decoder = self._decoders[each.name]
            unread = [name for name in decoder.unread(self._earlier(each.name)) if name not in missing]
            if unread:
                log.info("%s/%s: read once more in full for %s", self._source, each.name, ", ".join(unread))
                cursor = None
        decoders = (self._decoders[each.name] for each in together)
        asked = ([part for decoder in decoders for part in (decoder.names, decoder.treatments)], cursor)
        reading = self._reading(stream, access, cursor)
        reading.question = sha256(repr(asked).encode()).hexdigest()[:16]
        logs = {each.name: self._store.source_log(self._source, each.name) for each in details}
        reading.details = Details([self._reading(each, access, None) for each in details], logs, self._connection)
        return reading

    def _reading(self, stream: Stream, access: Mapping[str, Access], cursor: str | None) -> Reading:
        source_log = self._store.source_log(self._source, stream.name)
        writer = VersionWriter(source_log, self._connection, self._number)
        given = access.get(stream.name, Access(stream.name, True))
        reading = Reading(stream, writer, cursor, datetime.now(UTC), given, highest=cursor)
        earlier = self._earlier(stream.name)
        # A source that failed as a whole left rows in its snapshot that nobody counted.
        is_counted = earlier.get("status") != "failed"
        if writer.compares and is_counted and not source_log.has_rows_since(earlier.get("snapshot", 0)):
            reading.held = earlier.get("held")
        return reading

    def _earlier(self, stream: str) -> Mapping[str, Any]:
        return self._asked.earlier.get(stream, {})
