"""What the simulated servers of plugins share: HTTP on 127.0.0.1, faults by chance or by turn, and a log of requests.

A plugin's `testing` package simulates its tool for tests and the demo. It subclasses `SimulatedServer` and says how
the tool answers; listening, TLS, the log and the faults that every server knows are here:

    from itsm_bridge.simulation import EVERYWHERE, Answer, Call, Fault, Faults, Refusal, SimulatedServer

    class AcmeFaults(Faults):
        kinds = (*EVERYWHERE, "html", "short_page")   # what `Fault(kind)` and `AcmeFaults(only=…)` may name

    class SimulatedAcme(SimulatedServer):
        software = "Acme/4.2"                         # the header Server; `headers()` says what else all answers carry

        def __init__(self, *, faults: AcmeFaults | None = None, port: int = 0, base_path: str = "") -> None:
            super().__init__(faults or AcmeFaults(), port=port, base_path=base_path)
            self.tickets: dict[str, str] = {}

        def answer(self, call: Call) -> Answer:       # what the tool says; it may raise Refusal(Answer(…))
            match call.method, call.path:             # the path below `base_path`; "" lies outside of it
                case "GET", "/tickets":
                    return Answer.of({"tickets": self.tickets}, rows=len(self.tickets))
            raise Refusal(Answer.of({"error": "no such place"}, status=404))

        def befall(self, fault: Fault, call: Call) -> Answer:   # the kinds that are not in EVERYWHERE
            if fault.kind == "html":
                return Answer.page(200, "<html>Log in</html>")
            answer = self.good_answer(call)           # `answer` with refusals caught: spoil it
            ...

        def about(self, call: Call) -> str:           # for the log, `unrest` and `Fault(about=…)`: a table, an
            return call.path                          # operation; the path, if it is not overridden

`with SimulatedAcme() as server:` serves at `server.url`. `server.faults.add(Fault("unavailable", nth=(2,)))`,
`server.unrest = …` and `server.clock_skew_seconds = 600` make it hard for a client; `server.requests`,
`server.requests_about["/tickets"]` and `server.writes_attempted` (filled by `answer`) tell what the client did.
`serve_for_a_person` is the end of a `python -m acme.testing`. `itsm_bridge.testing.SimulatedWorld` is a world of
the contract suite around such a server. Nothing here needs pytest.
"""

from __future__ import annotations

from itsm_bridge.simulation.answers import Answer, Refusal
from itsm_bridge.simulation.calls import Call, Request
from itsm_bridge.simulation.damage import retry_after
from itsm_bridge.simulation.faults import EVERYWHERE, Fault, Faults
from itsm_bridge.simulation.person import arguments, serve_for_a_person
from itsm_bridge.simulation.server import SimulatedServer

__all__ = [
    "EVERYWHERE",
    "Answer",
    "Call",
    "Fault",
    "Faults",
    "Refusal",
    "Request",
    "SimulatedServer",
    "arguments",
    "retry_after",
    "serve_for_a_person",
]
