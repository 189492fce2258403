"""What the rights of every source allow, what is missing, what that costs in checks, and whom to ask for what."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from itsm_bridge.adapter import Access, Adapter, Preflight, Right, SourceSettings
from itsm_bridge.checking import Check, load_checks
from itsm_bridge.errors import EXIT_INCOMPLETE, EXIT_OK, ItsmBridgeError
from itsm_bridge.foreseen import Cost, Foreseen
from itsm_bridge.settings import Config
from itsm_bridge.sources import open_source

Kind = Literal["stream", "field", "problem", "limit", "left_out"]
_PLAINLY = "the right to read"
_ABSENT = "does not exist there"
_BELOW = "Ask for all rights that are listed below."
_LEFT_OUT = "`streams` of this source leaves it out"
_NAME_ANOTHER = "Nothing to ask for: if the tool keeps it in another field, name that in an overlay of the mapping."


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that is missing or wrong in a source: what it is, why, what it costs, what to do.

    Kind `stream` and `field` are rights that are missing, `problem` is to be looked at, a `limit` is what the tool
    does not have or tell, and `left_out` what our own settings say not to read: nothing is to be asked for.
    """

    kind: Kind
    what: tuple[str, ...]
    reason: str
    cost: Cost = field(default_factory=Cost)
    remedy: str = ""
    rights: tuple[Right, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """One thing to ask administrators for: a role, permission or rule, and all that it must cover."""

    grant: str
    on: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What one source says of itself, what costs most first; `error` is why it cannot be read, if so."""

    source: str
    address: str = ""
    signed_in: str = ""
    found: Preflight | None = None
    error: ItsmBridgeError | None = None
    lacks: tuple[Lack, ...] = ()
    limits: tuple[Lack, ...] = ()
    left_out: tuple[Lack, ...] = ()

    @property
    def is_fine(self) -> bool:
        """Whether nothing is missing; limits of the tool and what settings leave out are nothing that is missing."""
        return not self.error and not self.lacks

    @property
    def checks_left_out(self) -> frozenset[str]:
        """Ids of checks that cannot be assessed, or only in part, because of what the settings leave out."""
        return frozenset(check for lack in self.left_out for check in (*lack.cost.whole, *lack.cost.part))

    @property
    def exit_code(self) -> int:
        """How a command ends that told only this."""
        return EXIT_OK if self.is_fine else self.error.exit_code if self.error else EXIT_INCOMPLETE

    @property
    def requests(self) -> tuple[Request, ...]:
        """What to ask the administrators of the source for, each role or rule once."""
        granted: dict[str, list[str]] = {}
        for lack in self.lacks:
            for right in lack.rights:
                on = granted.setdefault(right.grant, [])
                on += [right.on] if right.on not in on else []
        return tuple(Request(grant, tuple(on)) for grant, on in granted.items())


def diagnose(
    config: Config, adapters: Mapping[str, type[Adapter]], check_folders: Iterable[Path]
) -> tuple[Diagnosis, ...]:
    """Ask every source what the account may read; nothing is stored.

    A source that does not answer has the error. Raises CheckError for a check file that does not work.
    """
    checks = load_checks([*check_folders, *config.assessment.checks])
    return tuple(
        _diagnosed(name, settings, adapters[settings.adapter], checks) for name, settings in config.sources.items()
    )


def next_step(diagnoses: Iterable[Diagnosis]) -> str:
    """Return what a person should do now, in one sentence."""
    told = list(diagnoses)
    unanswered = [each.source for each in told if each.error]
    left_out = [each for each in told if each.checks_left_out]
    asked = sum(len(request.on) for each in told for request in each.requests)
    others = sum(not lack.rights for each in told for lack in each.lacks)
    if unanswered:
        return f"Mend what keeps {', '.join(unanswered)} from answering, then run `itsm-bridge doctor` again."
    look = f"look at the {'other ' if asked else ''}{'point' if others == 1 else f'{others} points'} above"
    if asked:
        these = "this right" if asked == 1 else f"these {asked} rights"
        return f"Ask for {these}, {f'{look}, ' if others else ''}then run `itsm-bridge doctor` again."
    if others:
        return f"{look.capitalize()}, then run `itsm-bridge doctor` again."
    if left_out:
        checks = len({check for each in left_out for check in each.checks_left_out})
        sources = ", ".join(each.source for each in left_out)
        return (
            f"No right is missing; what `streams` of {sources} leaves out costs {_counted(checks, 'check')}: add what "
            "these need, or run `itsm-bridge sweep`."
        )
    return "Nothing is missing; run `itsm-bridge sweep`."


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _diagnosed(name: str, settings: SourceSettings, adapter: type[Adapter], checks: Sequence[Check]) -> Diagnosis:
    address = str(getattr(settings, "url", "") or "")
    try:
        source = open_source(name, settings, adapter, b"doctor")
        with closing(source.adapter):
            found = source.adapter.preflight()
    except ItsmBridgeError as error:
        return Diagnosis(name, address, settings.way_in, error=error)
    found = replace(found, access=tuple(item for item in found.access if item.stream in source.decoders))
    left_out: list[str] = []
    if settings.streams is not None:
        chosen = source.decoders
        source = open_source(name, settings.model_copy(update={"streams": None}), adapter, b"doctor")
        source.adapter.close()
        left_out = [stream for stream in source.decoders if stream not in chosen]
    closed = (Access(stream, False, reason=_LEFT_OUT, exists=False) for stream in left_out)
    foreseen = Foreseen(source, replace(found, access=(*found.access, *closed)), checks, left_out)
    lacks = [*_lacks(found, foreseen), *(Lack("problem", (), problem) for problem in found.problems)]
    chosen_away = [Lack("left_out", (stream,), _LEFT_OUT, foreseen.cost([stream])) for stream in left_out]
    return Diagnosis(
        name, address, settings.way_in, found, lacks=tuple(sorted(lacks, key=_weight)),
        limits=tuple(_limits(found, foreseen)), left_out=tuple(sorted(chosen_away, key=_weight)),
    )  # fmt: skip


def _weight(lack: Lack) -> tuple[int, int, int]:
    return lack.kind == "problem", -len(lack.cost.whole), -len(lack.cost.part)


def _lacks(found: Preflight, foreseen: Foreseen) -> Iterator[Lack]:
    closed = [item for item in found.access if not item.is_readable and item.exists]
    is_one = len(closed) == len(found.access) and len({_nameless(item, item.reason) for item in closed}) == 1
    groups: dict[tuple[str, str], list[Access]] = {}
    for item in closed:
        groups.setdefault((_nameless(item, item.reason), "" if is_one else item.remedy), []).append(item)
    for item in found.access:
        if item.is_readable:
            yield from _of_readable(item, foreseen)
    for (reason, _), items in groups.items():
        names = tuple(item.stream for item in items)
        rights = tuple(dict.fromkeys(right for item in items for right in _asked(item, item.stream, item.rights)))
        remedy = items[0].remedy if len({item.remedy for item in items}) == 1 else _BELOW
        why = items[0].reason if len(items) == 1 else reason
        yield Lack("stream", names, why, foreseen.cost(names), remedy, rights)


def _nameless(item: Access, words: str) -> str:
    """Return words about a stream without its name: what several have in common is told once."""
    return re.sub(rf"(?<!\w){re.escape(item.stream)}(?!\w)", "…", words)


def _of_readable(item: Access, foreseen: Foreseen) -> Iterator[Lack]:
    if item.reason:
        yield Lack("problem", (item.stream,), item.reason, foreseen.cost([item.stream]), item.remedy)
    for name in item.missing_fields:
        full = f"{item.stream}.{name}"
        if name not in item.absent_fields:
            rights = _asked(item, full, tuple(right for right in item.rights if right.on == full))
            yield Lack("field", (full,), "does not show", foreseen.cost([full]), item.remedy, rights)


def _asked(item: Access, name: str, rights: tuple[Right, ...]) -> tuple[Right, ...]:
    """Return the rights that an adapter names; where it says nothing at all, plainly the one to read."""
    return rights if rights or item.remedy else (Right(_PLAINLY, name),)


def _limits(found: Preflight, foreseen: Foreseen) -> Iterator[Lack]:
    for item in found.access:
        if not item.exists:
            yield Lack("limit", (item.stream,), item.reason, foreseen.cost([item.stream]), item.remedy)
        for name in item.absent_fields:
            full = f"{item.stream}.{name}"
            yield Lack("limit", (full,), _ABSENT, foreseen.cost([full]), _NAME_ANOTHER)
    for untold in foreseen.untold():
        reason = f"only in part: {untold.reason}" if untold.is_partial else untold.reason
        yield Lack("limit", untold.names, reason, foreseen.cost([untold.reason]))


def as_data(diagnosis: Diagnosis) -> Mapping[str, object]:
    """Return the facts of a diagnosis for programs; what the source says of itself stands at the top."""
    if diagnosis.found is None:
        return {
            "address": diagnosis.address, "signed_in": diagnosis.signed_in,
            "error": diagnosis.error.as_data() if diagnosis.error else None,
            "is_fine": diagnosis.is_fine, "next": next_step([diagnosis]),
        }  # fmt: skip
    found = diagnosis.found
    return {
        "address": diagnosis.address, "identity": found.identity, "signed_in": diagnosis.signed_in,
        "scope": found.scope, "product": found.product, "version": found.version, "timezone": found.timezone,
        "timezone_note": found.timezone_note, "clock_difference_seconds": found.clock_difference_seconds,
        "access": found.access, "capabilities": found.capabilities, "problems": found.problems,
        "missing": diagnosis.lacks, "limits": diagnosis.limits, "left_out": diagnosis.left_out,
        "ask_for": diagnosis.requests, "is_fine": diagnosis.is_fine, "next": next_step([diagnosis]),
    }  # fmt: skip
