"""Promises about faults: what passes costs a retry, what stays is an error, and neither ever costs a record."""

from __future__ import annotations

from itertools import cycle

import pytest

from itsm_bridge.errors import SourceError
from itsm_bridge.testing.bench import Bench
from itsm_bridge.testing.broken import hold, tell
from itsm_bridge.testing.faults import ASKED_SECONDS, PASSING, RATE_LIMITS, SILENT, STAYING, Fault, Reply
from itsm_bridge.testing.promises.tried import Tried, holds_all, holds_stored
from itsm_bridge.testing.waiting import shorten_timeouts

_RETRY = (
    "Send requests through itsm_bridge.Transport, which retries, waits and looks at bodies; and raise BadAnswer from "
    "its `accept` for an answer that cannot be believed."
)
_CLOCKS_TICK = 2


class Faults(Tried):
    """Faults are put in on the wire, between adapter and fake."""

    @pytest.mark.parametrize("fault", PASSING)
    def test_a_fault_that_passes_costs_no_record(self, bench: Bench, fault: str) -> None:
        """Every third request meets the fault once."""
        _read_under(bench, PASSING[fault], fault)

    @pytest.mark.parametrize("fault", STAYING)
    def test_a_fault_that_stays_is_an_error_and_no_short_answer(self, bench: Bench, fault: str) -> None:
        """From the second request on, nothing else comes."""
        _fails_under(bench, STAYING[fault], fault)

    @pytest.mark.parametrize("fault", RATE_LIMITS)
    def test_a_rate_limit_is_waited_for(self, bench: Bench, fault: str) -> None:
        """The tool says for how long; asking earlier makes it worse for everybody."""
        bench.fill()
        with bench.reader() as reader:
            windows = reader.plan(bench.main)
            bench.proxy.forget()
            bench.proxy.strike(lambda number: RATE_LIMITS[fault] if number == 2 else None)
            try:
                for window in windows:
                    list(reader.pages(window))
            except SourceError as error:
                tell(f"{fault} ended the reading: {error}", _RETRY)
        asked = bench.proxy.asked
        hold(len(asked) > 2, f"after {fault} nothing more was asked", _RETRY)
        waited = asked[2].waited - asked[1].waited
        hold(waited >= ASKED_SECONDS - _CLOCKS_TICK,
             f"{fault} asked for {ASKED_SECONDS} seconds, and the next request came after {waited:.0f}",
             "Wait as long as `Retry-After` says, in seconds or until a date, with `time.sleep`.")  # fmt: skip

    def test_an_error_in_a_success_that_passes_costs_no_record(self, bench: Bench) -> None:
        """The tool fails in the middle, and still says 200: what lies beside its error is not the whole."""
        _read_under(bench, _error_in_a_success(bench), "an error in an answer with status 200")

    def test_an_error_in_a_success_that_stays_is_an_error_and_no_short_answer(self, bench: Bench) -> None:
        """From the second request on, every answer is half and carries an error."""
        _fails_under(bench, _error_in_a_success(bench), "an error in an answer with status 200")

    def test_a_tool_that_falls_silent_is_asked_again(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        """A connection that brings nothing must end by a timeout."""
        bench.fill()
        with bench.reader() as reader:
            windows = reader.plan(bench.main)
            shorten_timeouts(monkeypatch)
            bench.proxy.strike(lambda number: SILENT if number == 2 else None)
            try:
                came = [one for window in windows for page in reader.pages(window) for one in page]
            except SourceError as error:
                hold(bench.proxy.is_endless, f"one silence ended the reading: {error}", _RETRY)
                came = []
        hold(not bench.proxy.is_endless, "the adapter waits for a silent tool without end",
             "Give every request a timeout; itsm_bridge.Transport does.")  # fmt: skip
        holds_all(came, bench.truth, _RETRY)

    def test_a_sync_under_many_faults_ends_whole(self, bench: Bench) -> None:
        """Every fourth request of a whole sync fails, each time in another way, preflight and census included."""
        bench.fill()
        kinds = cycle(PASSING.values())
        bench.proxy.strike(lambda number: next(kinds) if number % 4 == 0 else None)
        try:
            about = bench.about(bench.sync(wants_census=True))
        except SourceError as error:
            tell(f"a sync under passing faults ended with {type(error).__name__}: {error}", _RETRY)
        hold(about["status"] == "complete", f"a sync under passing faults ended {about['status']}: {about['reason']}",
             _RETRY)  # fmt: skip
        holds_stored(bench, _RETRY)


def _read_under(bench: Bench, fault: Fault, name: str) -> None:
    bench.fill()
    with bench.reader() as reader:
        windows = reader.plan(bench.main)
        bench.proxy.forget()
        bench.proxy.strike(lambda number: fault if number % 3 == 2 else None)
        try:
            came = [one for window in windows for page in reader.pages(window) for one in page]
        except SourceError as error:
            tell(f"{name} ended the reading, though it had passed: {error}", _RETRY)
    hold(bench.proxy.struck, "reading took less than two requests", "Let `World.settings` choose small pages.")
    holds_all(came, bench.truth, f"After {name}: {_RETRY}")


def _fails_under(bench: Bench, fault: Fault, name: str) -> None:
    bench.fill()
    with bench.reader() as reader:
        windows = reader.plan(bench.main)
        bench.proxy.strike(lambda number: fault if number > 1 else None)
        try:
            count = sum(len(page) for window in windows for page in reader.pages(window))
        except SourceError as error:
            hold(error.where, f"the error does not say where it happened: {error}", "Give it `where=`.")
            return
    hold(not bench.proxy.is_endless, f"under {name}, a request was repeated a hundred times and more",
         "Bound how often a request is repeated.")  # fmt: skip
    tell(f"nothing but {name} came, and `read` ended as if {count} of {len(bench.truth)} records were all",
         _RETRY)  # fmt: skip


def _error_in_a_success(bench: Bench) -> Fault:
    bench.world.failed_answer(b"{}")

    def fail(reply: Reply) -> Reply:
        return Reply(200, reply.headers, bench.world.failed_answer(reply.body))

    return fail
