"""Planted secrets are in no output, log, traceback, report, export or file of the store, whatever goes wrong."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import quote

import pytest
from certificates import Authority
from planted import (
    API_KEY,
    BASIC,
    CLIENT_SECRET,
    ENVIRONMENT,
    FIRST_REFRESH,
    KEY,
    KEY_PASSWORD,
    LOUD,
    PASSWORD,
    PROXY,
    REFRESH,
    WAYS,
    Planted,
    assert_silent,
    words_in,
)  # fmt: skip
from proxy import running_proxy
from world import NOW, World

from itsm_bridge import redaction
from itsm_bridge_servicenow.adapter import ServiceNow
from itsm_bridge_servicenow.testing import SimulatedServiceNow
from itsm_bridge_servicenow.testing.company import seeded_company

pytestmark = pytest.mark.xdist_group("secrets")


@pytest.fixture(scope="module")
def server() -> Iterator[SimulatedServiceNow]:
    tables = seeded_company(now=NOW, size=30).tables
    with SimulatedServiceNow(tables, now=NOW, password=PASSWORD, client_secret=CLIENT_SECRET) as running:
        yield running


@pytest.fixture
def planted(server: SimulatedServiceNow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Planted:
    monkeypatch.setitem(ServiceNow.__init__.__kwdefaults__ or {}, "sleep", lambda seconds: None)
    monkeypatch.setattr(redaction, "_concealed", set())  # what other tests revealed must not help this one
    return Planted(World(tmp_path, server, dict(ENVIRONMENT)))


@pytest.fixture
def choosy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SimulatedServiceNow, Authority]]:
    """An instance of a private authority that lets in who has a certificate of it, and rotates refresh tokens."""
    ours = Authority(tmp_path_factory.mktemp("authority"))
    tables = seeded_company(now=NOW, size=30).tables
    with SimulatedServiceNow(
        tables, now=NOW, password=PASSWORD, client_secret=CLIENT_SECRET, tls=ours.server(demands=ours)
    ) as running:
        running.sign_in.api_key, running.sign_in.rotates = API_KEY, True
        running.sign_in.refreshes[FIRST_REFRESH] = NOW.timestamp() + 86_400
        yield running, ours


def test_a_day_of_work_as_loud_as_can_be_shows_no_secret_of_any_way_in(
    planted: Planted, choosy: tuple[SimulatedServiceNow, Authority]
) -> None:
    planted.world.server, ours = choosy
    certificate, key = ours.issue("bridge", KEY_PASSWORD)
    tokens = planted.world.server.sign_in
    planted.write_token()
    with running_proxy(f"bridge:{PROXY}") as proxy:
        route = (
            f'ca_bundle = "{ours.bundle}"\nclient_certificate = "{certificate}"\nclient_key = "{key}"\n'
            f'client_key_password = {{ env = "PLANTED_L" }}\nproxy = "{proxy.url}"\n'
            'proxy_username = "bridge"\nproxy_password = { env = "PLANTED_X" }\n'
        )
        planted.configure(BASIC + route, also={name: lines + route for name, lines in WAYS.items() if lines != BASIC})
        planted.run("doctor", *LOUD)
        planted.run("sync", *LOUD, code=0)
        tokens.expire()
        planted.run("sweep", "-vv")
        planted.run("report", "--json")
        planted.run("export", "out", "--format", "csv", *LOUD, code=0)
        planted.run("verify", *LOUD, code=0)
        planted.run("mapping", "show", "prod", "--json")
        assert proxy.asked
    secret_tokens = (*tokens.tokens, *tokens.refreshes, *tokens.spent)
    assert len(tokens.spent) > 1
    for text in planted.printed:
        assert_silent(text, secret_tokens)
    assert {".parquet", ".json", ".html", ".csv"} <= {path.suffix for path in planted.files()}
    for path in planted.files():
        assert_silent(words_in(path), secret_tokens)
    kept = words_in(planted.token_file)
    assert_silent(kept)  # its own tokens only, and no secret of another source
    assert any(refresh in kept for refresh in tokens.refreshes)


class _Echo(BaseHTTPRequestHandler):
    """A broken gateway that gives back whatever it is sent, credentials and all."""

    status = 400

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        sent = " ".join(
            value for name, value in self.headers.items() if name.lower() in ("authorization", "x-sn-apikey")
        )
        said = f"{sent} {self.rfile.read(length).decode()} {PASSWORD if 'Basic' in sent else ''}"
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


def test_an_answer_that_repeats_the_credentials_is_masked(planted: Planted, echo: str) -> None:
    planted.write_token()
    planted.configure(BASIC, echo, also=WAYS)
    for arguments in (("sync", *LOUD), ("sync", "--json"), ("doctor", "-vv"), ("doctor", "--json")):
        result = planted.run(*arguments, code=3)
        assert "[redacted]" in result.output or "redirect" in result.output
    for text in (*planted.printed, *map(words_in, planted.files())):
        assert_silent(text)
    assert planted.token_file.read_text(encoding="utf-8") == FIRST_REFRESH


def test_refusals_of_instance_proxy_and_certificate_show_no_secret(planted: Planted, tmp_path: Path) -> None:
    ours = Authority(tmp_path)
    certificate, key = ours.issue("bridge", KEY_PASSWORD)
    planted.write_token()
    with (
        running_proxy("another:pair", says="not you, ") as proxy,
        SimulatedServiceNow({}, tls=ours.server()) as private,
    ):
        through = f'proxy = "{proxy.url}"\nproxy_username = "bridge"\nproxy_password = {{ env = "PLANTED_X" }}\n'
        own = f'client_certificate = "{certificate}"\nclient_key = "{key}"\n'
        planted.configure(
            KEY,  # 401: this instance knows no such key
            also={
                "revoked": REFRESH,
                "forwarded": KEY + through,
                "tunnelled": f'{KEY}{through}ca_bundle = "{ours.bundle}"\nurl = "{private.url}"\n',
                "untrusted": f'{BASIC}{own}client_key_password = {{ env = "PLANTED_L" }}\nurl = "{private.url}"\n',
            },
        )
        for arguments in (("sync", *LOUD), ("sync", "--json"), ("doctor", "-vv"), ("doctor", "--json")):
            planted.run(*arguments, code=3)
        said = "".join(planted.printed)
        for words in ("status 401", "gives no token", "status 407", "failed: 407", "certificate is not trusted"):
            assert words in said
        planted.configure(BASIC + own + 'client_key_password = { env = "PLANTED_P" }\n', private.url)
        assert "does not open the key" in planted.run("sync", "-vv").output
    for text in (*planted.printed, *map(words_in, planted.files())):
        assert_silent(text)
    assert planted.token_file.read_text(encoding="utf-8") == FIRST_REFRESH


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
    planted.world.environment["HTTPS_PROXY"] = f"http://bridge:{quote(PROXY, safe='')}@127.0.0.1:9"
    for arguments in (LOUD, ("--json",)):
        assert_silent(planted.run("sync", *arguments, code=3).output)


@pytest.mark.parametrize(
    "line",
    [
        f'password = "{CLIENT_SECRET}"', f'url = "https://bridge:{CLIENT_SECRET}@acme.service-now.com"',
        f'token_url = "https://x:{CLIENT_SECRET}@acme.service-now.com/t"', f'passwrd = "{CLIENT_SECRET}"',
        f'api_key = "{CLIENT_SECRET}"', f'proxy = "http://bridge:{CLIENT_SECRET}@proxy:3128"',
        f'proxy_password = "{CLIENT_SECRET}"', f'client_key_password = "{CLIENT_SECRET}"', f'password = {{ env = "PLANTED_P", value = "{CLIENT_SECRET}" }}',
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
