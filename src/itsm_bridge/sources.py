"""A configured source made ready: its mapping read, its decoders compiled, its adapter made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from itsm_bridge.adapter import Adapter, Page, SourceContext, SourceSettings
from itsm_bridge.errors import BadAnswer, ConfigurationError, MappingError
from itsm_bridge.mapping.decoder import StreamDecoder, stream_fields
from itsm_bridge.mapping.identity import identity_mapping
from itsm_bridge.mapping.rules import SourceMapping, read_mapping
from itsm_bridge.privacy import Privacy
from itsm_bridge.schema import tool_tables
from itsm_bridge.suggestions import did_you_mean


@dataclass(frozen=True, slots=True)
class OpenSource:
    """A source ready to be read: its adapter, mapping and decoders."""

    name: str
    settings: SourceSettings
    adapter: Adapter
    mapping: SourceMapping
    decoders: Mapping[str, StreamDecoder]


def load_mapping(settings: SourceSettings, adapter: type[Adapter]) -> SourceMapping:
    """Read the mapping of a source: what its adapter brings, the site's overlays, the extra fields to keep."""
    packaged = adapter.mapping_folder()
    if packaged is None:
        if settings.mappings:
            raise ConfigurationError(
                f"`mappings` means nothing here: the adapter {adapter.name} brings canonical tables",
                where=str(settings.mappings[0]),
                hint="Leave `mappings` out of this source.",
            )
        return identity_mapping(tool_tables().values())
    mapping = read_mapping([packaged, *settings.mappings])
    _refuse_unread(mapping, adapter)
    streams = dict(mapping.streams)
    for name, fields in settings.keep.items():
        if name not in streams:
            raise ConfigurationError(f"`keep` names a stream `{name}` that the mapping does not have",
                                     hint=f"Streams with a mapping file are {', '.join(sorted(streams))}.")  # fmt: skip
        streams[name] = replace(streams[name], keep=tuple(dict.fromkeys((*streams[name].keep, *fields))))
    return replace(mapping, streams=streams)


def _refuse_unread(mapping: SourceMapping, adapter: type[Adapter]) -> None:
    """A file of an overlay whose name is misspelt would otherwise simply not be read."""
    known = [stream.name for stream in adapter.streams]
    for name in mapping.streams.keys() - set(known):
        raise MappingError(f"{adapter.title} has no stream `{name}`{did_you_mean(name, known)}", where=f"{name}.toml",
                           hint="A mapping file is named after its stream, or says `stream = …`.")  # fmt: skip


def open_source(name: str, settings: SourceSettings, adapter: type[Adapter], key: bytes) -> OpenSource:
    """Make a source ready to be read; nothing is asked of the tool yet."""
    mapping = load_mapping(settings, adapter)
    privacy = Privacy(
        key, keep_people=settings.people == "keep", keep_text=settings.text == "keep",
        technical=mapping.tool.people.technical,
    )  # fmt: skip
    decoders: dict[str, StreamDecoder] = {}
    for stream in adapter.streams:
        rule = mapping.streams.get(stream.name)
        if rule is None or (settings.streams is not None and stream.name not in settings.streams):
            continue
        kinds = stream_fields(rule, mapping, more=stream.own_fields)
        decoders[stream.name] = StreamDecoder(kinds, mapping.switches, adapter.envelope, privacy)
    fields = {stream: decoder.names for stream, decoder in decoders.items()}

    def decode(stream: str, body: bytes) -> Page:
        try:
            return decoders[stream](body)
        except BadAnswer as error:
            error.where = error.where or f"{name}/{stream}"
            raise

    context = SourceContext(
        name, settings, fields,
        decode=decode,
        tabulate=lambda stream, columns, count, **more: decoders[stream].tabulate(columns, count, **more),
    )  # fmt: skip
    return OpenSource(name, settings, adapter(context), mapping, decoders)
