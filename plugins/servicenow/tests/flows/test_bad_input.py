"""A broken mapping or an instance that cannot be read is one clear message, and the store stays as it was."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from typer.testing import Result
from world import NOW, PASSWORD, World, tree

from itsm_bridge_servicenow.adapter import ServiceNow
from itsm_bridge_servicenow.testing import SimulatedServiceNow
from itsm_bridge_servicenow.testing.company import seeded_company

pytestmark = pytest.mark.xdist_group("bad input")

Site = tuple[World, dict[str, str]]


@pytest.fixture(scope="module")
def read_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with SimulatedServiceNow(seeded_company(now=NOW, size=30).tables, now=NOW) as server:
        world = World(tmp_path_factory.mktemp("site"), server)
        world.configure(source(world))
        assert world.run("sync").exit_code == 0
        yield world


@pytest.fixture
def site(read_once: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The site, whose store must be the same afterwards; nobody waits between attempts."""
    monkeypatch.setitem(ServiceNow.__init__.__kwdefaults__ or {}, "sleep", lambda seconds: None)
    before = tree(read_once.store)
    yield read_once
    assert tree(read_once.store) == before


def source(world: World, url: str = "", more: str = "") -> str:
    return (
        f'url = "{url or world.server.url}"\nusername = "svc_bridge"\npassword = {{ env = "{PASSWORD}" }}\n'
        f'streams = ["incident", "sys_choice"]\n{more}'
    )


def one_message(result: Result, code: int, *words: str) -> None:
    assert result.exit_code == code, result.output
    assert not result.stdout
    told = [line for line in result.stderr.splitlines() if "asking again" not in line]
    assert [line.split()[0] for line in told] in (["Error", "where", "to"], ["Error", "where"]), result.stderr
    for word in (*words, "Error "):
        assert word in result.stderr
    assert "Traceback" not in result.stderr
    assert "unexpected" not in result.stderr


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("incident", "[work_item]\nstate = {", ("cannot be read as TOML",)),
        ("incident", '[work_item]\nprioriy = "priority"', ("no such column; did you mean `priority`", "[work_item]")),
        ("incident", '[workitem]\nx = "priority"', ("no canonical table `workitem`; did you mean `work_item`",)),
        ("incident", '[work_item]\npriority = { field = "priority", values = "prio" }', ("no value map `prio`",)),
        ("incident", '[work_item]\npriority = { feld = "priority" }', ("no key `feld`; did you mean 'field'?",)),
        ("incident", "[work_item]\npriority = 3", ("should be a table, and not a whole number",)),
        ("incident", '[work_item]\ncategory = { field = "c", pattern = "(" }', ("no regular expression",)),
        ("values", '[incident_state]\nlabels = { "new" = "neww" }', ("'neww'", "did you mean 'new'?", "incident_state")),
        ("incidnt", 'stream = "incidnt"', ("no stream `incidnt`; did you mean 'incident'?", "incidnt.toml")),
        ("tool", '[formats]\ninstant = "cet"', ("'cet' is not possible here", "formats.instant")),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", ["sync", "remap"])
def test_a_broken_mapping_is_named_with_file_and_key(
    site: World, tmp_path: Path, command: str, name: str, text: str, words: tuple[str, ...]
) -> None:
    (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    site.configure(source(site, more=f'mappings = ["{tmp_path.as_posix()}"]'))
    one_message(site.run(command), 2, f"{name}.toml", *words)


def test_an_overlay_that_is_not_there_is_named(site: World) -> None:
    site.configure(source(site, more='mappings = ["nowhere"]'))
    one_message(site.run("sync"), 2, "no such folder of mapping files", "nowhere", "Check `mappings`")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://acme.service-now.com", ("would send the credentials in the open: use https", "itsm-bridge.toml:")),
        ("https://bob:planted-secret@acme.service-now.com", ("must not hold a user name or password; these",)),
        ("acme", ("is no address: write one such as https://acme.service-now.com",)),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_before_anything_is_sent(
    site: World, url: str, words: tuple[str, ...]
) -> None:
    site.configure(source(site, url))
    result = site.run("sync")
    one_message(result, 2, *words)
    assert "planted-secret" not in result.output


def test_a_wrong_password_is_told_and_tried_once(site: World) -> None:
    site.configure(source(site))
    site.server.forget()
    result = site.run("sync", environment={PASSWORD: "not-the-password"})
    one_message(result, 3, "refused the credentials (status 401", "Check `username` and `password`")
    assert "not-the-password" not in result.output
    assert len(site.server.requests) <= 2


def test_a_host_that_does_not_answer_is_told(site: World) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        site.configure(source(site, f"http://127.0.0.1:{closed.getsockname()[1]}"))
        one_message(site.run("sync"), 3, "cannot be reached", "Check `url`, the network and the proxy")


@contextmanager
def answering(
    status: int, body: bytes, kind: str = "text/html", *, tls: Path | None = None, **headers: str
) -> Iterator[str]:
    """Serve the same answer to everything; `tls` is a folder for a certificate that nobody signed."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            pass

    with Server(("127.0.0.1", 0), Answer) as server:
        if tls is not None:
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "own.pem", "-days", "2", "-subj", "/CN=localhost"],
                cwd=tls, capture_output=True, check=True,
            )  # fmt: skip
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(tls / "own.pem", tls / "key.pem")
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


PAGE = b"<html><title>Instance hibernating</title><script>alert(1)</script></html>"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda: answering(200, PAGE), ("a web page came instead of data", "open the address in a browser")),
        (lambda: answering(401, PAGE), ("refused the credentials (status 401)",)),
        (lambda: answering(404, PAGE), ("does not answer like a ServiceNow instance", "Check `url`")),
        (lambda: answering(500, PAGE), ("the tool failed inside (status 500)",)),
        (lambda: answering(200, b"[]", "application/json"), ("not an object", "address of a ServiceNow instance")),
        (lambda: answering(200, b"{}", "application/json"), ("no list of records", "address of a ServiceNow instance")),
        (
            lambda: answering(302, b"", Location="https://sso.example.com/in?key=planted-secret"),
            ("redirects to https://sso.example.com/in", "sign-on page"),
        ),
    ],
    ids=["web page", "sign-in page", "not found", "error", "list", "nothing", "redirect"],
)
def test_what_is_no_servicenow_is_told(
    site: World, answer: Callable[[], Iterator[str]], words: tuple[str, ...]
) -> None:
    with answer() as url:  # type: ignore[attr-defined]
        site.configure(source(site, url))
        result = site.run("sync")
    one_message(result, 3, *words)
    assert "planted-secret" not in result.output
    assert "<" not in result.output


def test_a_certificate_that_nobody_signed_is_told_with_the_way_out(site: World, tmp_path: Path) -> None:
    with answering(200, b"{}", tls=tmp_path) as url:
        site.configure(source(site, url))
        one_message(site.run("sync"), 3, "certificate is not trusted", "REQUESTS_CA_BUNDLE")


def test_https_to_a_door_of_http_is_no_matter_of_certificates(site: World) -> None:
    with answering(200, b"{}") as url:
        site.configure(source(site, url.replace("http:", "https:")))
        one_message(site.run("sync"), 3, "does not speak https", "port and scheme")


def test_doctor_says_the_same_and_makes_no_store(site: World, tmp_path: Path) -> None:
    world = World(tmp_path, site.server)
    world.configure(source(site, "http://127.0.0.1:9"))
    result = world.run("doctor")
    assert result.exit_code == 3
    assert "cannot be reached" in result.stdout
    assert not world.store.exists()
