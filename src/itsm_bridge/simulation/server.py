"""A server on this machine that answers as a tool would, with the faults that are asked for, and a log."""

from __future__ import annotations

import ssl
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping
from email.utils import formatdate
from http.server import ThreadingHTTPServer
from types import TracebackType
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

from itsm_bridge.simulation.answers import Answer, Refusal
from itsm_bridge.simulation.calls import Call, Request
from itsm_bridge.simulation.conversation import conversation
from itsm_bridge.simulation.damage import damaged
from itsm_bridge.simulation.faults import Fault, Faults


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that break off or fail the handshake; a fault of our own is still told."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class SimulatedServer(ABC):
    """A context manager that serves a tool on 127.0.0.1, at `root` and below that at `url`.

    `base_path` stands before every path, as behind a gateway or in a context path; `tls` serves https; `port` 0 takes
    any free one. `clock_skew_seconds` shifts the clock that shows in answers. `unrest` is called with what a request
    is about and what it asks before it is answered: records may change while others are read. `requests` and
    `writes_attempted` tell afterwards what a client did.
    """

    software: ClassVar[str] = ""

    def __init__(
        self, faults: Faults, *, port: int = 0, base_path: str = "", tls: ssl.SSLContext | None = None
    ) -> None:
        self.faults = faults
        self.requests: list[Request] = []
        self.writes_attempted: list[str] = []
        self.unrest: Callable[[str, Mapping[str, Any]], None] | None = None
        self.clock_skew_seconds = 0.0
        self._listener = _Listener(("127.0.0.1", port), conversation(self))
        if tls is not None:  # the handshake is left to the thread of the connection
            self._listener.socket = tls.wrap_socket(
                self._listener.socket, server_side=True, do_handshake_on_connect=False
            )
        self.base_path = base_path
        self.root = f"{'https' if tls else 'http'}://127.0.0.1:{self._listener.server_port}"
        self.url = f"{self.root}{base_path}"
        self._thread = threading.Thread(target=self._listener.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving and give everything back."""
        if self._thread.is_alive():
            self._listener.shutdown()
            self._thread.join()
        self._listener.server_close()

    # -- what a tool says -----------------------------------------------------------------------------

    @abstractmethod
    def answer(self, call: Call) -> Answer:
        """Return what the tool answers; may raise Refusal."""

    def aside(self, call: Call) -> Answer | None:  # noqa: ARG002  tools that have such requests
        """Return the answer to a request that faults and unrest leave alone, such as one for a token; else None."""
        return None

    def befall(self, fault: Fault, call: Call) -> Answer:  # noqa: ARG002  tools that have faults of their own
        """Return what a fault of the tool's own makes of an answer."""
        return self.good_answer(call)

    def about(self, call: Call) -> str:
        """Return what a request is about in the tool's terms."""
        return call.path

    def place(self, path: str) -> str:
        """Return the part of a path below the base path; empty when it lies outside."""
        return path.removeprefix(self.base_path) if path.startswith(f"{self.base_path}/") else ""

    def headers(self) -> dict[str, str]:
        """Return what every answer carries besides type and length; those of an answer itself come before."""
        return {"Server": self.software, "Date": formatdate(self.told_time(), usegmt=True)}

    def told_time(self) -> float:
        """Return the clock that shows in answers, in seconds since 1970."""
        return time.time() + self.clock_skew_seconds

    # -- from a request to its answer -----------------------------------------------------------------

    def converse(self, call: Call) -> Answer:
        """Return what goes back to a client, and note it."""
        about, fault = self.about(call), None
        answer = self.aside(call)
        if answer is None:
            if self.unrest is not None:
                self.unrest(about, call.asked)
            fault = self.faults.strike(call.whole, about)
            answer = self._with_fault(fault, call) if fault else self.good_answer(call)
        path, struck = urlsplit(call.target).path, fault.kind if fault else ""
        self.requests.append(
            Request(call.method, path, about, call.parameters, call.body, answer.status, answer.rows, struck)
        )
        return answer

    def good_answer(self, call: Call) -> Answer:
        """Return what the tool answers, refusals too, without any fault."""
        try:
            return self.answer(call)
        except Refusal as refusal:
            return refusal.answer

    def _with_fault(self, fault: Fault, call: Call) -> Answer:
        return damaged(fault, lambda: self.good_answer(call)) or self.befall(fault, call)

    # -- what a client did ----------------------------------------------------------------------------

    @property
    def requests_about(self) -> Counter[str]:
        """How many requests were about what."""
        return Counter(request.about for request in list(self.requests))

    @property
    def rows_about(self) -> Counter[str]:
        """How many records were handed out of what."""
        found: Counter[str] = Counter()
        for request in list(self.requests):
            found[request.about] += request.rows
        return found

    def forget(self) -> None:
        """Empty the log of requests."""
        self.requests.clear()
        self.writes_attempted.clear()
