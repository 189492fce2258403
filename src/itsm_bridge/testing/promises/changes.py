"""Promises about the second run: it reads what changed, finds what appeared late, and sees what is gone."""

from __future__ import annotations

from datetime import timedelta

from itsm_bridge.errors import SourceError
from itsm_bridge.progress import SilentProgress
from itsm_bridge.testing.bench import HALF_A_DAY, Bench
from itsm_bridge.testing.broken import hold, some, tell
from itsm_bridge.testing.promises.tried import Tried, holds_stored
from itsm_bridge.testing.world import not_simulated


class _PowerFails(BaseException):
    """Stands for the death of the process: no code may catch it."""


class _Interrupted(SilentProgress):
    """Ends the run when so many records have come."""

    def __init__(self, after: int) -> None:
        self._left = after

    def advance(self, task: str, count: int = 1) -> None:  # noqa: ARG002  the protocol's name
        self._left -= count
        if self._left < 0:
            raise _PowerFails


class Changes(Tried):
    """What happens between two runs is found, and little more is read."""

    def test_the_second_sync_reads_only_what_changed(self, bench: Bench) -> None:
        """Two syncs into a store: the second brings the changes, and not the stock."""
        bench.fill()
        bench.sync()
        holds_stored(bench, "See the promises about reading.")
        for name in ("r1", "new"):
            bench.world.write(bench.main, name, bench.now - timedelta(days=2), "changed since")
        report = bench.sync()
        holds_stored(bench, "`plan` must begin at the cursor, less the overlap, and end with a tail that is open.")
        within_overlap = int(timedelta(seconds=bench.world.adapter.overlap_seconds) / HALF_A_DAY) + 1
        received, most = report.received, 2 + within_overlap
        hold(received <= most, f"2 records changed, and the second sync read {received} of {len(bench.truth)}",
             "`plan(stream, cursor)` must leave out what lies before the cursor and its overlap.")  # fmt: skip
        hold(report.appended == 2, f"2 records changed, and {report.appended} rows were appended",
             "A record that did not change must come with the same values, without a clock or a counter.")  # fmt: skip

    def test_a_record_that_appears_late_is_found_within_the_overlap(self, bench: Bench) -> None:
        """A transaction that ends late writes a time that lies before the cursor."""
        bench.fill(5)
        overlap = timedelta(seconds=bench.world.adapter.overlap_seconds)
        hold(overlap, "the adapter has no overlap",
             "Set `overlap_seconds` to how long after its time a record may appear.")  # fmt: skip
        with bench.reader() as reader:
            cursor = max(came.cursor for came in reader.read(bench.main))
            late = bench.world.write(bench.main, "late", bench.now - timedelta(days=3) - overlap / 2, "late")
            came = {one.key for one in reader.read(bench.main, cursor)}
        hold(late in came, f"a record that appeared {overlap / 2} before the cursor was not read again",
             "`plan(stream, cursor)` must begin `overlap_seconds` before the cursor.")  # fmt: skip

    def test_a_deletion_that_the_tool_records_is_told(self, bench: Bench) -> None:
        """`deleted` names it, or says None so that ids are compared."""
        keys = bench.fill(5)
        with bench.reader() as reader:
            cursor = max(came.cursor for came in reader.read(bench.main))
            bench.world.remove(bench.main, keys[1], recorded=True)
            told = reader.adapter.deleted(reader.stream(bench.main), cursor)
        hold(told is None or keys[1] in told, f"the record {keys[1]} was deleted, and `deleted` tells {told!r}",
             "Return the keys that the tool's record of deletions names since the cursor (under every class that the "
             "tool files them), or None where the record is missing, short or cannot be read.")  # fmt: skip
        wrong = set(told or ()) & bench.truth.keys()
        hold(not wrong, f"`deleted` names records that exist: {some(wrong)}",
             "Leave out keys that exist again: deleted records can be restored.")  # fmt: skip

    def test_a_deletion_that_nothing_records_is_found_by_census(self, bench: Bench) -> None:
        """Two syncs into a store: the second one asked to compare ids."""
        _needs_census(bench)
        keys = bench.fill()
        bench.sync()
        bench.world.remove(bench.main, keys[2], recorded=False)
        bench.sync(wants_census=True)
        holds_stored(bench, "`census` must list the ids that exist now, freshly asked.")

    def test_a_census_lists_exactly_what_the_account_sees(self, bench: Bench) -> None:
        """What a census leaves out would be taken for deleted."""
        _needs_census(bench)
        keys = bench.fill()
        with bench.reader() as reader:
            reader.read(bench.main)
            bench.world.remove(bench.main, keys[1], recorded=False)
            census = reader.adapter.census(reader.stream(bench.main))
        truth = bench.truth.keys()
        missing, strange = truth - set(census.ids), set(census.ids) - truth
        hold(not missing, f"{len(missing)} records exist that the census leaves out: {some(missing)}",
             "Page through the ids to the end, or raise an error: what is left out counts as deleted.")  # fmt: skip
        hold(not strange, f"the census lists what does not exist: {some(strange)}", "Ask for the ids anew each time.")
        hold(census.total is None or census.total == len(truth),
             f"the census says {census.total} rows exist, and {len(truth)} do",
             "`total` is the tool's own count, or None where it gives none.")  # fmt: skip

    def test_a_run_that_broke_off_is_resumed_and_ends_whole(self, bench: Bench) -> None:
        """The process dies in the middle of a sync; the next one reads on with an adapter that knows nothing of it."""
        if not bench.world.many:
            not_simulated(f"{type(bench.world).__name__}.many is 0: the stream is read in one window")
        bench.fill(bench.world.many)
        with bench.reader() as reader:
            windows = [window for window in reader.plan(bench.main) if not window.is_tail]
        hold(len(windows) > 1, f"{bench.world.many} records over {bench.world.many // 2} days make one window",
             "Let `plan` cut smaller windows, or set `World.many` (or the settings) so that they need several; set "
             "`many = 0` if one is right for this tool.")  # fmt: skip
        advice = (
            "`read` is given windows that another process planned: all that it needs must lie in the window's name and "
            "bounds, nothing in the adapter."
        )
        try:
            bench.sync(connections=1, progress=_Interrupted(bench.world.many * 2 // 3))
            tell("less came than two thirds of the records", "See the promises about reading.")
        except _PowerFails:
            pass
        try:
            report = bench.sync(connections=1)
        except SourceError as error:
            tell(f"the resumed run ended with {type(error).__name__}: {error}", advice)
        status = bench.about(report)["status"]
        hold(status == "complete", f"the resumed run ended {status}: {bench.about(report).get('reason')}", advice)
        hold(report.received < bench.world.many, "the resumed run read everything again",
             "Windows must keep their names, and finished ones be worth something: cut smaller ones.")  # fmt: skip
        holds_stored(bench, advice)


def _needs_census(bench: Bench) -> None:
    if not bench.stream.has_census:
        not_simulated(f"the stream {bench.main} has no census (`has_census=False`)")
