"""What the rights of every source allow, what is missing, what that costs in checks, and whom to ask for what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from itsm_bridge.adapter import Access, Adapter, Preflight, Right, SourceSettings
from itsm_bridge.checking import Check, load_checks
from itsm_bridge.errors import EXIT_INCOMPLETE, ItsmBridgeError
from itsm_bridge.foreseen import Cost, Foreseen
from itsm_bridge.settings import Config
from itsm_bridge.sources import open_source

Kind = Literal["stream", "field", "problem", "limit"]
_PLAINLY = "the right to read"
_ABSENT = "does not exist there"
_NAME_ANOTHER = "Nothing to ask for: if the tool keeps it in another field, name that in an overlay of the mapping."


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that is missing or wrong in a source: what it is, why, what it costs, what to do.

    Kind `stream` and `field` are rights that are missing, `problem` is to be looked at, and a `limit` is what the
    tool does not have or tell: nothing is to be asked for.
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
    """What one source says of itself. `lacks` begin with what costs most; `error` is told where it does not answer."""

    source: str
    address: str = ""
    signed_in: str = ""
    found: Preflight | None = None
    error: str = ""
    hint: str = ""
    exit_code: int = EXIT_INCOMPLETE
    lacks: tuple[Lack, ...] = ()
    limits: tuple[Lack, ...] = ()

    @property
    def is_fine(self) -> bool:
        """Whether nothing is missing; limits of the tool are nothing that is missing."""
        return not self.error and not self.lacks

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
    return "Nothing is missing; run `itsm-bridge sweep`."


def _diagnosed(name: str, settings: SourceSettings, adapter: type[Adapter], checks: Sequence[Check]) -> Diagnosis:
    address = str(getattr(settings, "url", "") or "")
    try:
        source = open_source(name, settings, adapter, b"doctor")
        with closing(source.adapter):
            found = source.adapter.preflight()
    except ItsmBridgeError as error:
        return Diagnosis(
            name, address, settings.way_in, error=str(error), hint=error.hint or "", exit_code=error.exit_code
        )  # fmt: skip
    found = replace(found, access=tuple(item for item in found.access if item.stream in source.decoders))
    foreseen = Foreseen(source, found, checks)
    lacks = [*_lacks(found, foreseen), *(Lack("problem", (), problem) for problem in found.problems)]
    limits = tuple(_limits(found, foreseen))
    return Diagnosis(
        name, address, settings.way_in, found, lacks=tuple(sorted(lacks, key=_weight)), limits=limits
    )  # fmt: skip


def _weight(lack: Lack) -> tuple[int, int, int]:
    return lack.kind == "problem", -len(lack.cost.whole), -len(lack.cost.part)


def _lacks(found: Preflight, foreseen: Foreseen) -> Iterator[Lack]:
    closed: dict[tuple[str, str], list[Access]] = {}
    for item in found.access:
        if not item.is_readable and item.exists:
            closed.setdefault((item.reason, item.remedy), []).append(item)
        elif item.is_readable:
            yield from _of_readable(item, foreseen)
    for (reason, remedy), items in closed.items():
        names = tuple(item.stream for item in items)
        rights = tuple(dict.fromkeys(right for item in items for right in _asked(item, item.stream, item.rights)))
        yield Lack("stream", names, reason, foreseen.cost(names), remedy, rights)


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
        return {"error": diagnosis.error, "hint": diagnosis.hint or None, "is_fine": False}
    found = diagnosis.found
    return {
        "address": diagnosis.address, "identity": found.identity, "signed_in": diagnosis.signed_in,
        "product": found.product, "version": found.version, "timezone": found.timezone,
        "timezone_note": found.timezone_note, "clock_difference_seconds": found.clock_difference_seconds,
        "access": found.access, "capabilities": found.capabilities, "problems": found.problems,
        "missing": diagnosis.lacks, "limits": diagnosis.limits, "ask_for": diagnosis.requests,
        "is_fine": diagnosis.is_fine, "next": next_step([diagnosis]),
    }  # fmt: skip
