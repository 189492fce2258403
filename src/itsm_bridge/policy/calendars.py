"""`calendars.toml`: weekly hours, holidays, and which calendar stands for which schedule of a source."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Annotated, Any

import pyarrow as pa
from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from itsm_bridge.errors import ConfigurationError
from itsm_bridge.policy.document import Strict, read_document
from itsm_bridge.policy.working_time import Calendar, Piece, buckets
from itsm_bridge.schema import TABLES
from itsm_bridge.settings.lines import where_in
from itsm_bridge.settings.model import Timezone
from itsm_bridge.suggestions import did_you_mean

FILE = "calendars.toml"
HOLIDAYS = "holidays.json"
ANY = "*"

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)\s*-\s*([01]?\d|2[0-4]):([0-5]\d)")

HolidayDates = dict[str, list[str]]


def _weekly_hours(given: Any) -> dict[int, list[Piece]]:
    if not isinstance(given, dict):
        raise PydanticCustomError("hours", 'it should be days with hours, such as {{ mon-fri = ["08:00-17:00"] }}')
    hours: dict[int, list[Piece]] = {}
    for days, pieces in given.items():
        for day in _weekdays(str(days).lower()):
            if day in hours:
                raise PydanticCustomError("hours", "{day} is given twice", {"day": _DAYS[day]})
            hours[day] = _pieces(pieces)
    return hours


def _weekdays(text: str) -> Sequence[int]:
    first, _, last = text.partition("-")
    if first not in _DAYS or (last or first) not in _DAYS:
        raise PydanticCustomError("hours", "{days} is no weekday; write mon to sun, or mon-fri", {"days": repr(text)})
    start, end = _DAYS.index(first), _DAYS.index(last or first)
    return [day % 7 for day in range(start, (end if end >= start else end + 7) + 1)]


def _pieces(given: Any) -> list[Piece]:
    texts = [given] if isinstance(given, str) else list(given)
    pieces = sorted(_piece(str(text)) for text in texts)
    for (_, end), (start, _) in pairwise(pieces):
        if start < end:
            raise PydanticCustomError("hours", "the hours of a day overlap")
    return pieces


def _piece(text: str) -> Piece:
    match = _HOURS.fullmatch(text.strip())
    if match is None:
        raise PydanticCustomError("hours", '{text} are no hours; write "08:00-17:00"', {"text": repr(text)})
    start = int(match[1]) * 3600 + int(match[2]) * 60
    end = int(match[3]) * 3600 + int(match[4]) * 60
    if end > 86400 or start > 86400:
        raise PydanticCustomError("hours", "{text} goes beyond 24:00", {"text": repr(text)})
    if start >= end:
        over_midnight = 'write hours over midnight as two, "22:00-24:00" and on the next day "00:00-06:00"'
        raise PydanticCustomError("hours", f"{{text}} ends before it begins; {over_midnight}", {"text": repr(text)})
    return start, end


class _PublicHolidays(Strict):
    country: str = Field(description="Country as in ISO 3166, such as DE")
    subdivision: str | None = Field(default=None, description="Subdivision as in ISO 3166-2, such as BE")


class _WrittenCalendar(Strict):
    hours: Annotated[dict[int, list[Piece]], BeforeValidator(_weekly_hours)] = Field(
        description='weekdays with hours, such as { mon-fri = ["08:00-17:00"] }'
    )
    timezone: Timezone | None = Field(default=None, description="zone of the hours; that of the assessment without one")
    holidays: _PublicHolidays | None = Field(default=None, description='{ country = "DE", subdivision = "BE" }')
    closed_on: tuple[date, ...] = Field(default=(), description="own closed days, such as [2026-12-24]")
    open_on: tuple[date, ...] = Field(default=(), description="days that are worked although they are holidays")


def _no_empty_source(name: str) -> str:
    if not name:
        raise PydanticCustomError("source", 'name a source, or "*" for all')
    return name


class _Binding(Strict):
    source: Annotated[str, AfterValidator(_no_empty_source)] = Field(
        default=ANY, description='a source, or "*" for all'
    )
    schedule: str = Field(description='the schedule in the tool; "" for clocks without one')
    calendar: str = Field(description="a calendar of this file")


class CalendarFile(Strict):
    """The contents of `calendars.toml`."""

    calendars: dict[str, _WrittenCalendar] = Field(default={}, description="calendars by name")
    bindings: tuple[_Binding, ...] = Field(default=(), description="[[bindings]] with source, schedule and calendar")


class Calendars:
    """Calendars and their bindings, for one assessment's sources, time zone and span of days."""

    def __init__(self, text: str, place: str, timezone: str, known_holidays: str = "") -> None:
        self._text, self._place, self._timezone = text, place, timezone
        self._file = read_document(place, text, CalendarFile)
        self._holidays: dict[str, HolidayDates] = json.loads(known_holidays) if known_holidays else {}

    def bucket_table(self, first: date, last: date) -> pa.Table:
        """Return `calendar_bucket` for all calendars over the days from `first` to `last`."""
        tables = [
            buckets(self._calendar(name, written, first, last), first, last, self._where("calendars", name, "hours"))
            for name, written in sorted(self._file.calendars.items())
        ]
        return pa.concat_tables(tables) if tables else TABLES["calendar_bucket"].arrow.empty_table()

    def binding_table(self, sources: Iterable[str]) -> pa.Table:
        """Return `calendar_binding`: a line per source; one that names the source wins over one for all."""
        sources = tuple(sources)
        bound: dict[tuple[str, str], tuple[str, str]] = {}
        for binding in sorted(self._file.bindings, key=lambda item: item.source != ANY):
            self._refuse_unknown(binding, sources)
            for source in sources if binding.source == ANY else (binding.source,):
                key = (source, binding.schedule)
                if key in bound and bound[key][0] == binding.source:
                    raise self._error(
                        f"schedule {binding.schedule!r} of {binding.source!r} is bound twice", "keep one of the two"
                    )
                bound[key] = (binding.source, binding.calendar)
        rows = [
            {"source_id": source, "source_schedule": schedule, "calendar_id": calendar}
            for (source, schedule), (_, calendar) in sorted(bound.items())
        ]
        return pa.Table.from_pylist(rows, schema=TABLES["calendar_binding"].arrow)

    def holidays_used(self) -> str:
        """Return the holidays that were looked up, as JSON: evidence that later versions of the list cannot change."""
        return json.dumps(self._holidays, indent=1, sort_keys=True) if self._holidays else ""

    def _calendar(self, name: str, written: _WrittenCalendar, first: date, last: date) -> Calendar:
        closed = set(written.closed_on)
        if written.holidays is not None:
            years = [str(year) for year in range(first.year - 1, last.year + 2)]
            closed |= self._dates(name, written.holidays, years)
        return Calendar(
            name, written.timezone or self._timezone, written.hours, frozenset(closed - set(written.open_on))
        )

    def _dates(self, name: str, wanted: _PublicHolidays, years: Sequence[str]) -> set[date]:
        known = self._holidays.setdefault(name, {})
        missing = [int(year) for year in years if year not in known]
        if missing:
            found = self._look_up(name, wanted, missing)
            known.update(
                {str(year): [day.isoformat() for day in sorted(found) if day.year == year] for year in missing}
            )
        return {date.fromisoformat(day) for year in years for day in known[year]}

    def _look_up(self, name: str, wanted: _PublicHolidays, years: Sequence[int]) -> Iterable[date]:
        import holidays

        countries: Mapping[str, Sequence[str]] = holidays.list_supported_countries()
        if wanted.country not in countries:
            guess = did_you_mean(wanted.country, countries)
            raise self._error(f"no holidays are known for country {wanted.country!r}{guess}", "Use ISO 3166.", name)
        subdivisions = countries[wanted.country]
        if wanted.subdivision and wanted.subdivision not in subdivisions:
            guess = did_you_mean(wanted.subdivision, subdivisions)
            hint = f"Subdivisions are {', '.join(subdivisions) or 'none'}."
            raise self._error(f"{wanted.country} has no subdivision {wanted.subdivision!r}{guess}", hint, name)
        return list(holidays.country_holidays(wanted.country, subdiv=wanted.subdivision, years=years))

    def _refuse_unknown(self, binding: _Binding, sources: Sequence[str]) -> None:
        if binding.calendar not in self._file.calendars:
            guess = did_you_mean(binding.calendar, self._file.calendars)
            known = ", ".join(sorted(self._file.calendars)) or "none"
            raise self._error(f"there is no calendar {binding.calendar!r}{guess}", f"Calendars are {known}.")
        if binding.source != ANY and binding.source not in sources:
            guess = did_you_mean(binding.source, sources)
            raise self._error(f"there is no source {binding.source!r}{guess}", f"Sources are {', '.join(sources)}.")

    def _error(self, message: str, hint: str, calendar: str | None = None) -> ConfigurationError:
        where = self._where("calendars", calendar, "holidays") if calendar else self._where("bindings")
        return ConfigurationError(message, where=where, hint=hint)

    def _where(self, *path: str) -> str:
        return where_in(self._place, self._text, path)
