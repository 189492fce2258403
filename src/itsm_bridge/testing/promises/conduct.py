"""Promises about conduct: the tool is only read, secrets stay secret, and the preflight tells what a person needs."""

from __future__ import annotations

import base64
import logging
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import quote, quote_plus
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from itsm_bridge.adapter import Preflight
from itsm_bridge.logs import QUIET_LIBRARIES
from itsm_bridge.testing.bench import Bench
from itsm_bridge.testing.broken import hold, some, tell
from itsm_bridge.testing.faults import PASSING, Fault, refused
from itsm_bridge.testing.promises.tried import Tried
from itsm_bridge.testing.world import not_simulated

_READING = ("GET", "HEAD", "OPTIONS")
_AHEAD = 3600
_CROWD = 6
_TOLERANCE = 30


class Conduct(Tried):
    """An adapter is a guest."""

    def test_the_tool_is_only_read(self, bench: Bench) -> None:
        """All that an adapter does, once: no request may change anything."""
        keys = bench.fill()
        with bench.reader() as reader:
            stream = reader.stream(bench.main)
            reader.adapter.preflight()
            cursor = max(came.cursor for came in reader.read(bench.main))
            bench.world.remove(bench.main, keys[0], recorded=True)
            reader.adapter.deleted(stream, cursor)
            reader.adapter.count(stream)
            if stream.has_census:
                reader.adapter.census(stream)
        posts = bench.world.reading_posts
        wrong = {
            f"{asked.method} {asked.path}" for asked in bench.proxy.asked
            if asked.method not in _READING and not (posts and asked.method == "POST" and asked.path.startswith(posts))
        }  # fmt: skip
        hold(not wrong, f"requests that may change something: {some(wrong)}",
             "Read with GET; name POSTs that by the tool's documentation only read in `reading_posts`.")  # fmt: skip

    def test_no_more_requests_are_under_way_than_the_source_allows(self, bench: Bench) -> None:
        """`connections` protects the tool, however many windows are read at once."""
        bench.fill(bench.some_windows)
        with bench.reader(connections=2) as reader, ThreadPoolExecutor(_CROWD) as pool:
            windows = reader.plan(bench.main) * _CROWD
            bench.proxy.crowd(_CROWD)
            list(pool.map(lambda window: next(reader.pages(window), None), windows[:_CROWD]))
            bench.proxy.crowd(0)
        most = bench.proxy.most_at_once
        hold(most <= 2, f"with `connections = 2`, {most} requests were under way at once",
             "Send every request through one itsm_bridge.Transport, made with the setting `connections`.")  # fmt: skip

    def test_secrets_stand_in_no_error_no_log_and_no_address(self, bench: Bench) -> None:
        """Looked for in everything that is said in good and bad times, before any masking."""
        if not bench.world.secrets:
            not_simulated(f"{type(bench.world).__name__}.secrets names none")
        bench.fill(3)
        faults: list[Fault | None] = [None, refused(401), refused(403), refused(500), refused(302, Location="/login")]
        faults += [PASSING["connection reset"], PASSING["web page with 200"]]
        with _everything_said() as said:
            for fault in faults:
                bench.proxy.strike(lambda _, fault=fault: fault)  # type: ignore[misc]
                try:
                    with bench.reader() as reader:
                        reader.adapter.preflight()
                        reader.read(bench.main)
                except Exception as error:  # noqa: BLE001  whatever is raised may be printed
                    said += ["".join(traceback.format_exception(error)), *_words(error)]
        text = "\n".join([*said, *(asked.target for asked in bench.proxy.asked)])
        for secret in bench.world.secrets:
            at = next((text.find(form) for form in _forms(secret) if form in text), None)
            line = text[text.rfind("\n", 0, at) + 1 :].partition("\n")[0] if at is not None else ""
            where = line.replace(secret, "…")[:120]
            hold(at is None, f"a secret stands in what the adapter says or in an address: {where}",
                 "Put no settings, headers, bodies of requests or whole addresses into errors and logs.")  # fmt: skip

    def test_the_preflight_says_who_asks_and_in_which_timezone(self, bench: Bench) -> None:
        """Who we are, the zone of the tool's times, how far clocks are apart, and every stream."""
        bench.fill(3)
        found = _preflight(bench)
        hold(found.identity, "the preflight does not say who we are", "Ask the tool who the account is.")
        wanted = bench.world.identity
        hold(not wanted or found.identity == wanted, f"the preflight says we are {found.identity!r}, not {wanted!r}",
             "Ask the tool, and not the settings, who the account is.")  # fmt: skip
        try:
            ZoneInfo(found.timezone)
        except (ZoneInfoNotFoundError, ValueError):
            tell(f"{found.timezone!r} is no timezone", "Return a name of the IANA database, such as UTC.")
        closed = {access.stream for access in found.access if not access.is_readable} & set(bench.world.streams)
        hold(bench.main not in closed, f"the preflight says that open streams are closed: {some(closed)}",
             "Ask for what `read` will ask for.")  # fmt: skip
        missing = {access.stream: access.missing_fields for access in found.access}.get(bench.main, ())
        hold(bench.world.mark not in missing, f"the preflight says that {bench.world.mark} does not show",
             "A field shows when it is there in any record.")  # fmt: skip
        apart = found.clock_difference_seconds
        hold(apart is None or abs(apart) < _TOLERANCE, f"the preflight says clocks are {apart} seconds apart",
             "Compare the tool's `Date` with our UTC at that moment.")  # fmt: skip

    def test_a_clock_that_is_apart_is_noticed(self, bench: Bench) -> None:
        """Without it, rows of the last hour would be read too early or never."""
        bench.fill(3)
        bench.world.shift_clock(_AHEAD)
        apart = _preflight(bench).clock_difference_seconds
        hold(apart is not None and abs(apart - _AHEAD) < _TOLERANCE,
             f"the tool's clock is {_AHEAD} seconds ahead, and the preflight says {apart}",
             "Set `clock_difference_seconds` from the `Date` of an answer: how far it is ahead of us.")  # fmt: skip


def _preflight(bench: Bench) -> Preflight:
    with bench.reader(*bench.world.streams) as reader:
        return reader.adapter.preflight()


def _forms(secret: str) -> set[str]:
    return {secret, quote(secret, safe=""), quote_plus(secret), base64.b64encode(secret.encode()).decode()}


def _words(error: BaseException) -> list[str]:
    return [str(error), repr(error), str(getattr(error, "where", "")), str(getattr(error, "hint", ""))]


@contextmanager
def _everything_said() -> Iterator[list[str]]:
    """Collect every log line at its most talkative; of libraries that the program silences, warnings and worse."""
    said: list[str] = []
    listener = _Listener(said)
    root, ours = logging.getLogger(), logging.getLogger("itsm_bridge")
    levels = root.level, ours.level
    root.handlers.insert(0, listener)  # another handler may mask the record in place before it comes to ours
    root.setLevel(logging.DEBUG)
    ours.setLevel(logging.DEBUG)
    try:
        yield said
    finally:
        root.removeHandler(listener)
        root.setLevel(levels[0])
        ours.setLevel(levels[1])


class _Listener(logging.Handler):
    def __init__(self, said: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self._said = said

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.partition(".")[0] in QUIET_LIBRARIES and record.levelno < logging.WARNING:
            return
        self._said.append(logging.Formatter().format(record))
