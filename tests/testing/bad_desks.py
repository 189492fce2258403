"""Bad adapters: the good one with one small thing wrong each, and the promises that this breaks.

Those that mistreat the wire are in `bad_on_the_wire`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, ClassVar

from itsm_bridge import Access, BadAnswer, Census, Page, PermissionDenied, Preflight, Stream, Window
from itsm_bridge.transport import Answer
from itsm_bridge_acme_desk.adapter import AcmeDesk

BAD: list[Bad] = []


@dataclass(frozen=True)
class Bad:
    """A bad adapter, the promises that it breaks, and words that the author must find in what is said."""

    adapter: type[AcmeDesk]
    breaks: tuple[str, ...]
    words: str


def breaks(*promises: str, words: str) -> Callable[[type[AcmeDesk]], type[AcmeDesk]]:
    def note(adapter: type[AcmeDesk]) -> type[AcmeDesk]:
        BAD.append(Bad(adapter, promises, words))
        return adapter

    return note


# -- reading ---------------------------------------------------------------------------------------------


def altered(answer: Answer, **changes: Any) -> Answer:
    return replace(answer, body=json.dumps({**answer.json(), **changes}).encode())


@breaks("every_visible_record_of_every_stream_comes", words="did not come")
class DropsAPage(AcmeDesk):
    """The second page of teams is asked for, and not handed on."""

    def answers(self, path: str, **asked: str) -> Iterator[Answer]:
        every = enumerate(super().answers(path, **asked))
        yield from (answer for number, answer in every if path != "team" or number != 1)


@breaks("a_short_or_an_empty_page_is_not_the_end", "hidden_records_are_counted", words="not by the page's length")
class EndsOnAShortPage(AcmeDesk):
    def ask(self, path: str, wanted: str, **asked: str) -> Answer:
        answer = super().ask(path, wanted, **asked)
        is_short = wanted == "records" and len(answer.json()["records"]) < int(asked["limit"])
        return altered(answer, next=None) if is_short else answer


@breaks("many_records_of_one_moment_all_come", words="go on behind both")
class LosesTies(AcmeDesk):
    """Goes on behind the moment of the last record, and not behind the record."""

    def ask(self, path: str, wanted: str, **asked: str) -> Answer:
        moment = asked.get("after", "").partition("|")[0]
        if moment and "by" not in asked:
            asked["after"] = f"{moment}|~"
        return super().ask(path, wanted, **asked)


@breaks("a_tool_at_rest_gives_each_record_once", words="came more than once")
class DoublesRecords(AcmeDesk):
    """Each page begins with the last record of the one before it."""

    def answers(self, path: str, **asked: str) -> Iterator[Answer]:
        last: list[Any] = []
        for answer in super().answers(path, **asked):
            records = last + answer.json()["records"]
            last = records[-1:]
            yield altered(answer, records=records)


@breaks("records_that_are_deleted_while_others_are_read_take_no_other_with_them",
        "records_that_change_while_others_are_read_come_in_their_last_form", words="not by offset")  # fmt: skip
class PagesByOffset(AcmeDesk):
    def answers(self, path: str, **asked: str) -> Iterator[Answer]:
        size = self.site.page_size
        for offset in count(0, size):
            answer = self.ask(path, "records", limit=str(size), offset=str(offset), **asked)
            yield answer
            if not answer.json()["next"]:
                return


@breaks("records_that_change_while_others_are_read_come_in_their_last_form",
        "windows_are_the_same_whenever_they_are_planned", words="is_tail")  # fmt: skip
class HasNoTail(AcmeDesk):
    def plan(self, stream: Stream, cursor: str | None) -> Sequence[Window]:
        *windows, tail = super().plan(stream, cursor)
        now = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
        return [*windows, replace(tail, upper=now, is_tail=False)]


@breaks("windows_are_the_same_whenever_they_are_planned", words="Cut at fixed places")
class CountsWindows(AcmeDesk):
    made = 0

    def plan(self, stream: Stream, cursor: str | None) -> Sequence[Window]:
        windows = super().plan(stream, cursor)
        self.made += len(windows)
        return [replace(window, name=f"window {self.made + n}") for n, window in enumerate(windows)]


@breaks("windows_can_be_read_in_any_order_and_side_by_side", words="in local variables")
class RemembersTheLastWindow(AcmeDesk):
    """Goes on where the window before ended, whichever that was."""

    reached = ""

    def read(self, window: Window) -> Iterator[Page]:
        lower = max(window.lower or "", self.reached)
        self.reached = window.upper or ""
        yield from super().read(replace(window, lower=lower))


# -- changes ---------------------------------------------------------------------------------------------


@breaks("a_record_that_appears_late_is_found_within_the_overlap", words="`overlap_seconds` before the cursor")
class ForgetsOverlap(AcmeDesk):
    def plan(self, stream: Stream, cursor: str | None) -> Sequence[Window]:
        overlap = timedelta(seconds=self.overlap_seconds)
        later = (datetime.fromisoformat(cursor) + overlap).isoformat() if cursor else None
        return super().plan(stream, later)


@breaks("the_second_sync_reads_only_what_changed", words="leave out what lies before the cursor")
class ReadsAllAgain(AcmeDesk):
    def plan(self, stream: Stream, cursor: str | None) -> Sequence[Window]:
        return super().plan(stream, None)


@breaks("the_second_sync_reads_only_what_changed", "a_record_that_appears_late_is_found_within_the_overlap",
        words="was not read again")  # fmt: skip
class DoublesKeys(AcmeDesk):
    """What is read again comes under another key."""

    def plan(self, stream: Stream, cursor: str | None) -> Sequence[Window]:
        again = "again " if cursor else ""
        return [replace(window, name=again + window.name) for window in super().plan(stream, cursor)]

    def read(self, window: Window) -> Iterator[Page]:
        for answer in self.answers(window.stream, since=window.lower or "", until=window.upper or "9"):
            records = answer.json()["records"]
            for record in records if window.name.startswith("again") else ():
                record["id"] += "#2"
            yield self.context.decode(window.stream, altered(answer, records=records).body)


@breaks("a_deletion_that_the_tool_records_is_told", words="`deleted` tells ()")
class LosesDeletions(AcmeDesk):
    def deleted(self, stream: Stream, cursor: str | None) -> Sequence[str] | None:
        return ()


@breaks("a_census_lists_exactly_what_the_account_sees", "a_deletion_that_nothing_records_is_found_by_census",
        words="freshly asked")  # fmt: skip
class ListsWhatIsGone(AcmeDesk):
    """Its census remembers every id that it ever saw."""

    seen: ClassVar[dict[str, set[str]]] = {}

    def read(self, window: Window) -> Iterator[Page]:
        for page in super().read(window):
            self.seen.setdefault(self.site.url, set()).update(filter(None, page.values("id")))
            yield page

    def census(self, stream: Stream) -> Census:
        census = super().census(stream)
        return replace(census, ids=[*{*census.ids, *self.seen.get(self.site.url, ())}])


@breaks("a_census_lists_exactly_what_the_account_sees", "a_deletion_that_nothing_records_is_found_by_census",
        "a_sync_under_many_faults_ends_whole", "hidden_records_are_counted", words="counts as deleted")  # fmt: skip
class EndsTheCensusEarly(AcmeDesk):
    def census(self, stream: Stream) -> Census:
        census = super().census(stream)
        return replace(census, ids=census.ids[: self.site.page_size])


@breaks("a_run_that_broke_off_is_resumed_and_ends_whole", words="nothing in the adapter")
class CannotResume(AcmeDesk):
    """Keeps in memory what a window means."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.planned: dict[str, Window] = {}

    def plan(self, stream: Stream, cursor: str | None) -> Sequence[Window]:
        windows = super().plan(stream, cursor)
        self.planned |= {window.name: window for window in windows}
        return windows

    def read(self, window: Window) -> Iterator[Page]:
        if window.name not in self.planned:
            raise BadAnswer(f"nothing is known of the window {window.name}", where=window.stream)
        yield from super().read(window)


# -- rights ----------------------------------------------------------------------------------------------


@breaks("a_stream_that_may_not_be_read_is_told_and_is_no_empty_stream", words="on a refusal")
class PreflightSeesNothing(AcmeDesk):
    def access(self, stream: str) -> Access:
        return replace(super().access(stream), is_readable=True)


@breaks("a_refusal_while_reading_is_an_error_and_no_short_answer", words="never catch it")
class SwallowsARefusal(AcmeDesk):
    def answers(self, path: str, **asked: str) -> Iterator[Answer]:
        try:
            yield from super().answers(path, **asked)
        except PermissionDenied:
            return


@breaks("fields_that_do_not_show_are_told", words="Access.missing_fields")
class HidesMissingFields(AcmeDesk):
    def access(self, stream: str) -> Access:
        return replace(super().access(stream), missing_fields=())


@breaks("the_count_is_that_of_what_exists", "a_census_lists_exactly_what_the_account_sees", "hidden_records_are_counted",
        words="`count` says 5")  # fmt: skip
class CountsOnePage(AcmeDesk):
    def count(self, stream: Stream) -> int | None:
        return min(super().count(stream), self.site.page_size)


@breaks("refused_credentials_are_told_as_such", words="AuthenticationFailed")
class MistakesThePassword(AcmeDesk):
    def preflight(self) -> Preflight:
        answer = self.transport.get(f"{self.site.url}/api/me", keep=(401,))
        if answer.status == 401:
            raise BadAnswer("the tool is out of order", where=answer.address)
        return super().preflight()
