"""Promises about rights: what the account may not see is told, and never taken for what is not there."""

from __future__ import annotations

from itsm_bridge.adapter import Access
from itsm_bridge.errors import AuthenticationFailed, ItsmBridgeError, PermissionDenied, SourceError
from itsm_bridge.testing.bench import SOURCE, Bench, Reader
from itsm_bridge.testing.broken import hold, tell
from itsm_bridge.testing.faults import refused
from itsm_bridge.testing.promises.tried import Tried, holds_stored
from itsm_bridge.testing.world import not_simulated


class Rights(Tried):
    """Nothing that is closed looks empty."""

    def test_a_stream_that_may_not_be_read_is_told_and_is_no_empty_stream(self, bench: Bench) -> None:
        """The preflight says so, with what to ask for; a sync does not end as if there were no rows."""
        bench.fill(3)
        bench.world.deny_stream(bench.main)
        with bench.reader() as reader:
            access = _access(reader, bench.main)
        hold(not access.is_readable, "the preflight says that a closed stream is readable",
             "Ask for a record of every stream in `preflight`, and return `Access(name, False, reason=…)` on a "
             "refusal.")  # fmt: skip
        hold(access.reason and access.remedy, "the preflight does not say why the stream is closed, or what to ask for",
             "Fill `reason`, and `remedy` with the right or role that opens it.")  # fmt: skip
        try:
            about = bench.about(bench.sync())
        except SourceError:
            return
        hold(about["status"] in ("denied", "failed"), f"a sync of a closed stream ended {about['status']!r}",
             "Let PermissionDenied out of `plan`, `read`, `count` and `census`.")  # fmt: skip

    def test_a_refusal_while_reading_is_an_error_and_no_short_answer(self, bench: Bench) -> None:
        """Rights may be taken away between two pages: from the second request on, the tool answers 403."""
        bench.fill()
        with bench.reader() as reader:
            windows = reader.plan(bench.main)
            bench.proxy.strike(lambda number: refused(403) if number > 1 else None)
            advice = "Let PermissionDenied out of `read`; never catch it to end the loop over pages."
            try:
                count = sum(len(page) for window in windows for page in reader.pages(window))
            except PermissionDenied:
                return
            except ItsmBridgeError as error:
                tell(f"a 403 is told as {type(error).__name__}: {error}", advice)
        tell(f"the tool refused with 403, and `read` ended as if {count} of {len(bench.truth)} records were all",
             advice)  # fmt: skip

    def test_fields_that_do_not_show_are_told(self, bench: Bench) -> None:
        """A field that is closed would look empty in every record."""
        bench.fill(5)
        field = bench.world.deny_field(bench.main)
        with bench.reader() as reader:
            access = _access(reader, bench.main)
        hold(field in access.missing_fields or not access.is_readable,
             f"the field {field} does not show, and the preflight says nothing",
             "Look in `preflight` whether every field of `context.fields[stream]` shows in some record, and put the "
             "others into `Access.missing_fields`.")  # fmt: skip
        incomplete = bench.sync().incomplete if access.is_readable else [f"{SOURCE}:{bench.main}.{field}"]
        hold(f"{SOURCE}:{bench.main}.{field}" in incomplete,
             f"the field {field} does not show, and the sync counts the stream as complete",
             "Do not name it in `absent_fields`, which is for fields that the tool is known not to have.")  # fmt: skip

    def test_hidden_records_are_counted(self, bench: Bench) -> None:
        """What exists and is not shown is the difference between the tool's count and what came."""
        keys = bench.fill()
        bench.world.hide(bench.main, keys[::5])
        with bench.reader() as reader:
            count = reader.adapter.count(reader.stream(bench.main))
        if count is None or count == len(bench.truth):
            not_simulated("the tool's own count does not show hidden records")
        about = bench.about(bench.sync())
        holds_stored(bench, "See the promises about reading.")
        hidden = len(keys[::5])
        hold(about["hidden"] == hidden, f"{hidden} records are hidden, and the sync says {about['hidden']}",
             "`count` and `Census.total` must both be how many records exist, hidden ones included.")  # fmt: skip

    def test_the_count_is_that_of_what_exists(self, bench: Bench) -> None:
        """`count` agrees with the records, where the tool counts at all."""
        bench.fill()
        with bench.reader() as reader:
            counted = reader.adapter.count(reader.stream(bench.main))
            expected = sum(window.expected or 0 for window in reader.plan(bench.main))
        if counted is None:
            not_simulated(f"{type(bench.world).adapter.name} gives no count of {bench.main}")
        truth = len(bench.truth)
        hold(counted == truth, f"{truth} records exist, and `count` says {counted}",
             "`count` must be the tool's own number for exactly what the stream means, or None.")  # fmt: skip
        hold(expected <= truth, f"{truth} records exist, and the windows expect {expected}",
             "`Window.expected` is the tool's count of that window alone.")  # fmt: skip

    def test_refused_credentials_are_told_as_such(self, bench: Bench) -> None:
        """A person must learn that the password is wrong, and not that the tool is down."""
        bench.proxy.strike(lambda _: refused(401))
        advice = "Let AuthenticationFailed out of `preflight`; itsm_bridge.Transport raises it."
        with bench.reader() as reader:
            try:
                reader.adapter.preflight()
            except AuthenticationFailed as error:
                hold(error.hint, f"the error does not say what to do: {error}", "Give it a `hint`.")
            except ItsmBridgeError as error:
                tell(f"a 401 is told as {type(error).__name__}: {error}", advice)
            else:
                tell("the tool refused the credentials, and the preflight says nothing", advice)


def _access(reader: Reader, stream: str) -> Access:
    found = [access for access in reader.adapter.preflight().access if access.stream == stream]
    hold(found, f"the preflight says nothing of the stream {stream}", "Return an `Access` for every stream.")
    return found[0]
