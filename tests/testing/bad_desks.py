"""Bad adapters: the good one with one small thing wrong each, and the promises that this breaks.

Those that mistreat the wire are in `bad_on_the_wire`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from desk_adapter import DeskAdapter, moment
from desk_server import instant

from itsm_bridge import Access, BadAnswer, Census, Page, PermissionDenied, Preflight, Stream, Window
from itsm_bridge.transport import Answer

BAD: list[Bad] = []


@dataclass(frozen=True)
class Bad:
    """A bad adapter, the promises that it breaks, and words that the author must find in what is said."""

    adapter: type[DeskAdapter]
    breaks: tuple[str, ...]
    words: str


def breaks(*promises: str, words: str) -> Callable[[type[DeskAdapter]], type[DeskAdapter]]:
    def note(adapter: type[DeskAdapter]) -> type[DeskAdapter]:
        BAD.append(Bad(adapter, promises, words))
        return adapter

    return note


# -- reading ---------------------------------------------------------------------------------------------


@breaks("every_visible_record_of_every_stream_comes", words="did not come")
class DropsAPage(DeskAdapter):
    """The second page of people is asked for, and not handed on."""

    def bodies(self, stream: str, asked: Mapping[str, str]) -> Iterator[bytes]:
        every = enumerate(super().bodies(stream, asked))
        yield from (body for number, body in every if stream != "person" or number != 1)


@breaks("a_short_or_an_empty_page_is_not_the_end", "hidden_records_are_counted", words="not by the page's length")
class EndsOnAShortPage(DeskAdapter):
    def following(self, answer: Answer, asked: Mapping[str, str]) -> tuple[str, Mapping[str, str]] | None:
        is_full = len(answer.json()["records"]) == self.site.page_size
        return super().following(answer, asked) if is_full else None


@breaks("many_records_of_one_moment_all_come", words="go on behind both")
class LosesTies(DeskAdapter):
    """Goes on behind the moment of the last record, and not behind the record."""

    def following(self, answer: Answer, asked: Mapping[str, str]) -> tuple[str, Mapping[str, str]] | None:
        following = super().following(answer, asked)
        if following is None or "by=id" in following[0]:
            return following
        return re.sub(r"after=([^&]+)%7C[^&]+", r"after=\1%7C~", following[0]), {}


@breaks("a_tool_at_rest_gives_each_record_once", words="came more than once")
class DoublesRecords(DeskAdapter):
    """Each page begins with the last record of the one before it."""

    def bodies(self, stream: str, asked: Mapping[str, str]) -> Iterator[bytes]:
        last: list[Any] = []
        for body in super().bodies(stream, asked):
            answer = json.loads(body)
            answer["records"] = last + answer["records"]
            last = answer["records"][-1:]
            yield json.dumps(answer).encode()


@breaks("records_that_are_deleted_while_others_are_read_take_no_other_with_them",
        "records_that_change_while_others_are_read_come_in_their_last_form", words="not by offset")  # fmt: skip
class PagesByOffset(DeskAdapter):
    def following(self, answer: Answer, asked: Mapping[str, str]) -> tuple[str, Mapping[str, str]] | None:
        offset = int(asked.get("offset", 0)) + self.site.page_size
        return (answer.address, {**asked, "offset": str(offset)}) if answer.json()["next"] else None

    def answers(self, path: str, asked: Mapping[str, str]) -> Iterator[Answer]:
        going: tuple[str, Mapping[str, str]] | None = (path, asked)
        while going:
            answer = self.ask(going[0], **going[1])
            yield answer
            going = self.following(answer, going[1])


@breaks("records_that_change_while_others_are_read_come_in_their_last_form",
        "windows_are_the_same_whenever_they_are_planned", words="is_tail")  # fmt: skip
class HasNoTail(DeskAdapter):
    def plan(self, stream: Stream, cursor: str | None) -> Sequence[Window]:
        *windows, tail = super().plan(stream, cursor)
        now = instant(datetime.now(UTC) - timedelta(minutes=5))
        return [*windows, replace(tail, upper=now, is_tail=False)]


@breaks("windows_are_the_same_whenever_they_are_planned", words="Cut at fixed places")
class CountsWindows(DeskAdapter):
    made = 0

    def window(self, stream: str, lower: datetime, upper: datetime) -> Window:
        self.made += 1
        return replace(super().window(stream, lower, upper), name=f"window {self.made}")


@breaks("windows_can_be_read_in_any_order_and_side_by_side", words="in local variables")
class RemembersTheLastWindow(DeskAdapter):
    """Goes on where the window before ended, whichever that was."""

    reached = ""

    def read(self, window: Window) -> Iterator[Page]:
        lower = max(window.lower or "", self.reached)
        self.reached = window.upper or ""
        yield from super().read(replace(window, lower=lower))


# -- changes ---------------------------------------------------------------------------------------------


@breaks("a_record_that_appears_late_is_found_within_the_overlap", words="`overlap_seconds` before the cursor")
class ForgetsOverlap(DeskAdapter):
    def since(self, cursor: str | None) -> datetime | None:
        return moment(cursor) if cursor else None


@breaks("the_second_sync_reads_only_what_changed", words="leave out what lies before the cursor")
class ReadsAllAgain(DeskAdapter):
    def plan(self, stream: Stream, cursor: str | None) -> Sequence[Window]:
        return super().plan(stream, None)


@breaks("the_second_sync_reads_only_what_changed", "a_record_that_appears_late_is_found_within_the_overlap",
        words="was not read again")  # fmt: skip
class DoublesKeys(DeskAdapter):
    """What is read again comes under another key."""

    def plan(self, stream: Stream, cursor: str | None) -> Sequence[Window]:
        again = "again " if cursor else ""
        return [replace(window, name=again + window.name) for window in super().plan(stream, cursor)]

    def read(self, window: Window) -> Iterator[Page]:
        for body in self.bodies(window.stream, {"since": window.lower or "", "until": window.upper or "9"}):
            answer = json.loads(body)
            for record in answer["records"] if window.name.startswith("again") else ():
                record["id"] += "#2"
            yield self.context.decode(window.stream, json.dumps(answer).encode())


@breaks("a_deletion_that_the_tool_records_is_told", words="`deleted` tells ()")
class LosesDeletions(DeskAdapter):
    def deleted(self, stream: Stream, cursor: str | None) -> Sequence[str] | None:
        return ()


@breaks("a_census_lists_exactly_what_the_account_sees", "a_deletion_that_nothing_records_is_found_by_census",
        words="freshly asked")  # fmt: skip
class ListsWhatIsGone(DeskAdapter):
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
class EndsTheCensusEarly(DeskAdapter):
    def census(self, stream: Stream) -> Census:
        census = super().census(stream)
        return replace(census, ids=census.ids[: self.site.page_size])


@breaks("a_run_that_broke_off_is_resumed_and_ends_whole", words="nothing in the adapter")
class CannotResume(DeskAdapter):
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
class PreflightSeesNothing(DeskAdapter):
    def access(self, stream: str) -> Access:
        return replace(super().access(stream), is_readable=True)


@breaks("a_refusal_while_reading_is_an_error_and_no_short_answer", words="never catch it")
class SwallowsARefusal(DeskAdapter):
    def bodies(self, stream: str, asked: Mapping[str, str]) -> Iterator[bytes]:
        try:
            yield from super().bodies(stream, asked)
        except PermissionDenied:
            return


@breaks("fields_that_do_not_show_are_told", words="Access.missing_fields")
class HidesMissingFields(DeskAdapter):
    def access(self, stream: str) -> Access:
        return replace(super().access(stream), missing_fields=())


@breaks("the_count_is_that_of_what_exists", "a_census_lists_exactly_what_the_account_sees", "hidden_records_are_counted",
        words="`count` says 5")  # fmt: skip
class CountsOnePage(DeskAdapter):
    def count(self, stream: Stream) -> int | None:
        return min(super().count(stream) or 0, self.site.page_size)


@breaks("refused_credentials_are_told_as_such", words="AuthenticationFailed")
class MistakesThePassword(DeskAdapter):
    def preflight(self) -> Preflight:
        answer = self.transport.get(f"{self.site.url}/whoami", keep=(401,))
        if answer.status == 401:
            raise BadAnswer("the tool is out of order", where=answer.address)
        return super().preflight()
