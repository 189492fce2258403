"""Promises about reading: every record comes, once, whatever pages and windows look like."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

from itsm_bridge.adapter import Stream
from itsm_bridge.testing.bench import Bench, Came
from itsm_bridge.testing.broken import hold, some
from itsm_bridge.testing.promises.tried import Tried, holds_all

_PAGES = "`read` must ask until the tool says that nothing is left: by its own count or link, not by the page's length."
_KEYSET = (
    "Page by the last record seen (cursor value and key), not by offset: records that change or go draw others across "
    "the borders of pages. Windows end before the time of the plan; an `is_tail` window reads what changed since."
)


class Reading(Tried):
    """Every visible record comes once."""

    def test_every_visible_record_of_every_stream_comes(self, bench: Bench) -> None:
        """Several pages and windows of every stream of the world."""
        for name in bench.world.streams:
            bench.fill(stream=name)
        with bench.reader(*bench.world.streams) as reader:
            for name in bench.world.streams:
                came, stream = reader.read(name), reader.stream(name)
                _has_places(came, stream)
                holds_all(came, bench.world.visible(name), f"Stream {name}: {_PAGES}")

    def test_many_records_of_one_moment_all_come(self, bench: Bench) -> None:
        """Ties over the borders of pages: tools write times by the second."""
        bench.fill(every=timedelta(0))
        advice = "Order by cursor and key, and go on behind both: `cursor > last` alone skips the rest of that moment."
        with bench.reader() as reader:
            holds_all(reader.read(bench.main), bench.truth, advice)

    def test_a_short_or_an_empty_page_is_not_the_end(self, bench: Bench) -> None:
        """Tools cut a page to its limit before they take out what the account may not see."""
        bench.fill(bench.world.page_rows * 6, every=timedelta(minutes=1))
        bench.world.shorten_pages(bench.main)
        with bench.reader() as reader:
            holds_all(reader.read(bench.main), bench.truth, _PAGES)

    def test_a_tool_at_rest_gives_each_record_once(self, bench: Bench) -> None:
        """Windows do not overlap, and pages do not either."""
        bench.fill()
        with bench.reader() as reader:
            counts = Counter(came.key for came in reader.read(bench.main))
        doubled = [key for key, count in counts.items() if count > 1]
        hold(not doubled, f"{len(doubled)} records came more than once: {some(doubled)}",
             "`Window.lower` is inclusive and `upper` exclusive; a page begins behind the last record of the one "
             "before it.")  # fmt: skip

    def test_records_that_change_while_others_are_read_come_in_their_last_form(self, bench: Bench) -> None:
        """A record that is changed moves to the end of every order by time."""
        bench.fill()
        left = [f"r{number}" for number in range(0, bench.some_pages, 3)]

        def change(_: list[Came]) -> None:
            if left:
                bench.world.write(bench.main, left.pop(), bench.now, "changed meanwhile")

        with bench.reader() as reader:
            holds_all(reader.read(bench.main, meanwhile=change), bench.truth, _KEYSET)

    def test_records_that_are_deleted_while_others_are_read_take_no_other_with_them(self, bench: Bench) -> None:
        """With offsets, what lies behind a deleted record slips onto the page that was read."""
        bench.fill(every=timedelta(minutes=1))
        gone: set[str] = set()

        def remove(came: list[Came]) -> None:
            for one in came[:2] if not gone else ():
                bench.world.remove(bench.main, one.key, recorded=True)
                gone.add(one.key)

        with bench.reader() as reader:
            came = reader.read(bench.main, meanwhile=remove)
        holds_all([one for one in came if one.key not in gone], bench.truth, _KEYSET)

    def test_windows_are_the_same_whenever_they_are_planned(self, bench: Bench) -> None:
        """A broken run is resumed by the names of its windows."""
        bench.fill(bench.some_windows)
        with bench.reader() as reader:
            # A third time, because the end of the plan may lie on a grid of time that one step crosses.
            plans = [[replace(w, expected=None) for w in reader.plan(bench.main)] for _ in range(3)]
        names = [window.name for window in plans[0]]
        doubled = {name for name in names if names.count(name) > 1}
        hold(not doubled, f"windows share a name: {some(doubled)}",
             "Name a window after its range; names tell which windows a broken run had finished.")  # fmt: skip
        hold(any(one == other for one, other in ((plans[0], plans[1]), (plans[1], plans[2]))),
             f"planned again at once, the windows differ: {names[:3]} …",
             "Cut at fixed places (a grid of time or of ids), not relative to now or to a counter.")  # fmt: skip
        hold(not plans[0] or any(window.is_tail for window in plans[0]), "no window is marked as the tail",
             "Add a window with `is_tail=True`, read after all others, for what changes meanwhile.")  # fmt: skip

    def test_windows_can_be_read_in_any_order_and_side_by_side(self, bench: Bench) -> None:
        """The core reads windows in several threads."""
        bench.fill(bench.some_windows)
        with bench.reader(connections=4) as reader, ThreadPoolExecutor(4) as pool:
            windows = reader.plan(bench.main)[::-1]
            read = pool.map(lambda window: [one for page in reader.pages(window) for one in page], windows)
            came = [one for window in read for one in window]
        holds_all(came, bench.truth, "`read` must keep what it knows of a window in local variables, and share nothing "
                                     "between threads but a session that is made for it.")  # fmt: skip


def _has_places(came: Collection[Came], stream: Stream) -> None:
    """Hold that records come with a key, and with a cursor where the stream has one: all else rests on them."""
    __tracebackhide__ = True
    for field, values in ((stream.key, [one.key for one in came]), (stream.cursor, [one.cursor for one in came])):
        without = values.count("") if field else 0
        hold(not without, f"{without} of {len(came)} records of {stream.name} came without `{field}`",
             "`Stream.key` and `Stream.cursor` name fields of the source table: let `read` fill them.")  # fmt: skip
