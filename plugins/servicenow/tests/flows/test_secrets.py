"""Planted secrets are in no output, log, traceback, report, export or file of the store, whatever goes wrong."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import quote, quote_plus

import pyarrow.parquet as parquet
import pytest
from markupsafe import escape
from typer.testing import Result
from world import NOW, World

from itsm_bridge import redaction
from itsm_bridge_servicenow.adapter import ServiceNow
from itsm_bridge_servicenow.testing import SimulatedServiceNow
from itsm_bridge_servicenow.testing.company import seeded_company

pytestmark = pytest.mark.xdist_group("secrets")

PASSWORD = 'planted-p%ss"wörd/+&\\1'
CLIENT_SECRET = "planted-client+secret/ä=="
PRIVACY_KEY = "planted-privacy-key-4711"
PROXY = "planted-proxy-word"
SECRETS = (PASSWORD, CLIENT_SECRET, PRIVACY_KEY, PROXY)
ENVIRONMENT = {"PLANTED_P": PASSWORD, "PLANTED_C": CLIENT_SECRET, "PLANTED_K": PRIVACY_KEY}
BASIC = 'username = "svc_bridge"\npassword = { env = "PLANTED_P" }\n'
OAUTH = 'client_id = "client-7f3a"\nclient_secret = { env = "PLANTED_C" }\n'
STREAMS = 'streams = ["incident", "sys_choice", "sys_user"]\n'
LOUD = ("-vv", "--log-json")


@dataclass
class Planted:
    """A world with secrets in its settings, and everything that was ever printed in it."""

    world: World
    printed: list[str]

    def configure(self, signed_in: str, url: str = "") -> None:
        self.world.configure(
            f'url = "{url or self.world.server.url}"\n{STREAMS}{signed_in}',
            more='[privacy]\nkey = { env = "PLANTED_K" }\n',
        )

    def run(self, *arguments: str, code: int | None = None) -> Result:
        result = self.world.run(*arguments)
        assert code in (None, result.exit_code), result.output[-2000:]
        self.printed += [result.stdout, result.stderr]
        return result


def forms(secret: str) -> set[str]:
    """Return the shapes in which a secret might come out; those too short to tell anything aside."""
    encoded = {base64.b64encode(text.encode()).decode() for text in (secret, f"svc_bridge:{secret}")}
    return {secret, quote(secret, safe=""), quote(secret), quote_plus(secret), json.dumps(secret)[1:-1],
            json.dumps(secret, ensure_ascii=False)[1:-1], str(escape(secret)), repr(secret)[1:-1], *encoded}  # fmt: skip


def assert_silent(text: str, more: tuple[str, ...] = ()) -> None:
    for secret in (*SECRETS, *more):
        for form in forms(secret):
            assert form not in text, text[max(text.find(form) - 200, 0) : text.find(form) + 100]


def words_in(path: Path) -> str:
    """Return everything that a file says, compressed columns unpacked."""
    if path.suffix == ".parquet":
        return str(parquet.read_table(path).to_pydict())
    return path.read_bytes().decode("utf-8", "replace")


@pytest.fixture(scope="module")
def server() -> Iterator[SimulatedServiceNow]:
    tables = seeded_company(now=NOW, size=30).tables
    with SimulatedServiceNow(tables, now=NOW, password=PASSWORD, client_secret=CLIENT_SECRET) as running:
        yield running


@pytest.fixture
def planted(server: SimulatedServiceNow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Planted:
    monkeypatch.setitem(ServiceNow.__init__.__kwdefaults__ or {}, "sleep", lambda seconds: None)
    monkeypatch.setattr(redaction, "_concealed", set())  # what other tests revealed must not help this one
    return Planted(World(tmp_path, server, dict(ENVIRONMENT)), [])


@pytest.mark.parametrize("signed_in", [BASIC, OAUTH + BASIC], ids=["basic", "oauth"])
def test_a_day_of_work_as_loud_as_can_be_shows_no_secret(planted: Planted, signed_in: str) -> None:
    planted.configure(signed_in)
    tokens = planted.world.server.sign_in
    planted.run("doctor", *LOUD)
    planted.run("sync", *LOUD, code=0)
    tokens.expire()
    planted.run("sweep", "-vv")
    planted.run("report", "--json")
    planted.run("export", "out", "--format", "csv", *LOUD, code=0)
    planted.run("verify", *LOUD, code=0)
    planted.run("mapping", "show", "--json", code=0)
    secret_tokens = (*tokens.tokens, *tokens.refreshes)
    assert bool(secret_tokens) or signed_in == BASIC
    for text in planted.printed:
        assert_silent(text, secret_tokens)
    files = [path for path in planted.world.folder.rglob("*") if path.is_file()]
    assert {".parquet", ".json", ".html", ".csv"} <= {path.suffix for path in files}
    for path in files:
        assert_silent(words_in(path), secret_tokens)


class _Echo(BaseHTTPRequestHandler):
    """A broken gateway that gives back whatever it is sent, credentials and all."""

    status = 400

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        said = f"{self.headers.get('Authorization')} {self.rfile.read(length).decode()} {PASSWORD}"
        error = {"message": said, "detail": said.removeprefix("Basic ")}
        body = json.dumps({"error": error, "error_description": said}).encode()
        self.send_response(self.status)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "X-Said": "x",
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(params=[200, 400, 401, 403, 500])
def echo(request: pytest.FixtureRequest) -> Iterator[str]:
    handler = type("Echo", (_Echo,), {"status": request.param})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("signed_in", [BASIC, OAUTH + BASIC], ids=["basic", "oauth"])
def test_an_answer_that_repeats_the_credentials_is_masked(planted: Planted, echo: str, signed_in: str) -> None:
    planted.configure(signed_in, echo)
    for arguments in (("sync", *LOUD), ("sync", "--json"), ("doctor", "-vv"), ("doctor", "--json")):
        result = planted.run(*arguments, code=3)
        assert "[redacted]" in result.output or "redirect" in result.output
    for text in planted.printed:
        assert_silent(text)


@pytest.mark.parametrize("arguments", [("-v",), ("-vv",), ("--json", "-vv"), ("-vv", "--log-json"), ()])
def test_a_fault_of_the_program_shows_no_secret_in_its_traceback(
    planted: Planted, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    def fails(self: ServiceNow) -> None:
        try:
            raise ValueError(
                f"header Authorization: Basic {base64.b64encode(f'svc_bridge:{PASSWORD}'.encode()).decode()}"
            )
        except ValueError as error:
            raise RuntimeError(f"cannot sign in with {PASSWORD}\nnor {PASSWORD!r}") from error

    monkeypatch.setattr(ServiceNow, "preflight", fails)
    planted.configure(BASIC)
    result = planted.run("sync", *arguments, code=3)
    assert ("Traceback" in result.stderr) == ("-v" in arguments or "-vv" in arguments)
    assert "unexpected error" in result.output
    assert_silent(result.output)


def test_a_proxy_with_a_password_is_named_without_it(planted: Planted) -> None:
    planted.configure(BASIC, "https://acme.invalid")
    planted.world.environment["HTTPS_PROXY"] = f"http://bridge:{PROXY}@127.0.0.1:9"
    for arguments in (LOUD, ("--json",)):
        assert_silent(planted.run("sync", *arguments, code=3).output)


@pytest.mark.parametrize(
    "line",
    [
        f'password = "{CLIENT_SECRET}"', f'url = "https://bridge:{CLIENT_SECRET}@acme.service-now.com"',
        f'token_url = "https://x:{CLIENT_SECRET}@acme.service-now.com/t"', f'passwrd = "{CLIENT_SECRET}"',
        f'grant = "{CLIENT_SECRET}"', f'password = {{ env = "PLANTED_P", value = "{CLIENT_SECRET}" }}',
    ],
)  # fmt: skip
def test_a_secret_in_the_wrong_place_of_the_configuration_is_not_repeated(planted: Planted, line: str) -> None:
    key = line.split(" ")[0]
    kept = [own for own in (f'url = "{planted.world.server.url}"\n{BASIC}').splitlines() if not own.startswith(key)]
    planted.world.configure("\n".join([*kept, line]) + "\n")
    for arguments in ((), ("-vv",), ("--json",)):
        assert_silent(planted.run("sync", *arguments, code=2).output)


def test_a_report_that_is_handed_a_secret_masks_it(planted: Planted) -> None:
    """Nothing should ever bring one there; should it, the last door is shut as well."""
    tables = seeded_company(now=NOW, size=30).tables
    for row in tables["incident"]:
        row |= {"number": f"INC {PASSWORD} {row['number']}", "category": "", "close_code": ""}
    with SimulatedServiceNow(tables, now=NOW, password=PASSWORD) as planted.world.server:
        planted.configure(BASIC)
        planted.run("sweep", code=1)
        planted.run("mapping", "explain", tables["incident"][0]["number"])
    for text in (*planted.printed, planted.world.report("html"), planted.world.report("json")):
        assert_silent(text)
    assert "INC [redacted]" in planted.world.report("json")
