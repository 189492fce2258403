"""How requests travel: proxies, private authorities and client certificates, each over a real connection."""

from __future__ import annotations

import base64
import logging
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from certificates import Authority
from proxy import running_proxy
from serving import send, served
from surroundings import without_surroundings

from itsm_bridge.adapter import SourceSettings, Traffic
from itsm_bridge.errors import AuthenticationFailed, ConfigurationError, ItsmBridgeError, Unreachable
from itsm_bridge.redaction import redact
from itsm_bridge.transport import Patience, SignedIn, Transport

PROXY_PASSWORD = "proxy-wörd/42"
KEY_PASSWORD = "word-of-the-key"
THROUGH = {"proxy_username": "bridge", "proxy_password": {"env": "PROXY_WORD"}}
PAIR = f"bridge:{PROXY_PASSWORD}"


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    without_surroundings(monkeypatch)
    monkeypatch.setenv("PROXY_WORD", PROXY_PASSWORD)
    monkeypatch.setenv("KEY_WORD", KEY_PASSWORD)


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def private(ours: Authority) -> Iterator[str]:
    """A tool whose certificate a private authority has issued."""
    with served(lambda handler: send(handler, b"{}"), ours.server()) as address:
        yield address


@pytest.fixture(scope="module")
def choosy(ours: Authority) -> Iterator[str]:
    """A tool that lets nobody in without a certificate of the same authority."""
    context = ours.server(demands=ours)
    context.maximum_version = ssl.TLSVersion.TLSv1_2  # where the refusal comes within the handshake, always
    with served(lambda handler: send(handler, b"{}"), context) as address:
        yield address


@pytest.fixture(scope="module")
def plain() -> Iterator[str]:
    with served(lambda handler: send(handler, b"{}")) as address:
        yield address


def ask(address: str, **settings: Any) -> int:
    """Ask once, as a source with these settings does."""
    transport = Transport.of(
        SourceSettings(adapter="desk", **settings), SignedIn(requests.Session()), Traffic(),
        sleep=lambda _: None, patience=Patience(attempts=2, first_attempts=2),
    )  # fmt: skip
    try:
        return transport.get(address).status
    finally:
        transport.close()


def told(address: str, **settings: Any) -> tuple[type[ItsmBridgeError], str]:
    """Return the error, and its words with its hint."""
    with pytest.raises(ItsmBridgeError) as caught:
        ask(address, **settings)
    return caught.type, f"{caught.value} {caught.value.hint}"


def test_a_private_authority_is_trusted_by_setting_or_environment(
    private: str, ours: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ask(private, ca_bundle=ours.bundle) == 200
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(ours.bundle))
    assert ask(private) == 200


def test_the_setting_of_a_source_goes_before_the_environment(
    private: str, ours: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(Authority(tmp_path, "other").bundle))
    assert ask(private, ca_bundle=ours.bundle) == 200
    assert "not trusted" in told(private)[1]


def test_a_certificate_that_is_not_trusted_is_told_with_what_to_set(private: str) -> None:
    kind, words = told(private)
    assert kind is Unreachable
    assert "`ca_bundle`" in words
    assert "REQUESTS_CA_BUNDLE" in words
    hint = words.rpartition(")")[2]
    assert "verif" not in hint  # nobody is led to switch it off


def test_a_certificate_for_another_name_or_time_is_told_as_such(private: str, ours: Authority, tmp_path: Path) -> None:
    assert "another name" in told(private.replace("127.0.0.1", "localhost"), ca_bundle=ours.bundle)[1]
    old = Authority(tmp_path, "old")
    with served(lambda handler: send(handler, b"{}"), old.server(days=-3)) as address:
        assert "has expired" in told(address, ca_bundle=old.bundle)[1]


def test_bundles_that_are_none_are_told_by_name(private: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "words").write_text("no certificate", encoding="utf-8")
    for name, reason in (("words", "holds no certificates"), ("nowhere", "No such file")):
        kind, words = told(private, ca_bundle=tmp_path / name)
        assert kind is ConfigurationError
        assert reason in words
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / name))
        kind, words = told(private)
        assert kind is ConfigurationError
        assert "REQUESTS_CA_BUNDLE" in words


def test_what_does_not_speak_https_is_not_taken_for_a_bad_certificate(plain: str, ours: Authority) -> None:
    assert "does not speak https" in told(plain.replace("http:", "https:"), ca_bundle=ours.bundle)[1]


def test_without_a_client_certificate_the_tool_that_wants_one_is_understood(choosy: str, ours: Authority) -> None:
    assert "`client_certificate` and `client_key`" in told(choosy, ca_bundle=ours.bundle)[1]


@pytest.mark.parametrize("form", ["two files", "one file", "a key with a password"])
def test_a_client_certificate_lets_us_in(choosy: str, ours: Authority, tmp_path: Path, form: str) -> None:
    certificate, key = ours.issue("bridge", KEY_PASSWORD if "password" in form else "")
    both = tmp_path / "both.pem"
    both.write_bytes(certificate.read_bytes() + key.read_bytes())
    settings: dict[str, Any] = {"client_certificate": both}
    if form != "one file":
        settings = {"client_certificate": certificate, "client_key": key}
    if "password" in form:
        settings["client_key_password"] = {"env": "KEY_WORD"}
    assert ask(choosy, ca_bundle=ours.bundle, **settings) == 200
    with running_proxy(PAIR) as proxy:
        assert ask(choosy, ca_bundle=ours.bundle, proxy=proxy.url, **THROUGH, **settings) == 200


def test_a_certificate_of_a_stranger_is_refused_and_told(choosy: str, ours: Authority, tmp_path: Path) -> None:
    certificate, key = Authority(tmp_path, "stranger").issue("bridge")
    kind, words = told(choosy, ca_bundle=ours.bundle, client_certificate=certificate, client_key=key)
    assert kind is AuthenticationFailed
    assert "refuses our client certificate" in words


def test_keys_that_do_not_fit_are_told_with_what_to_do(ours: Authority, tmp_path: Path) -> None:
    certificate, key = ours.issue("locked", KEY_PASSWORD)
    _, other = ours.issue("other")
    cases: list[tuple[dict[str, Any], str]] = [
        ({"client_key": key}, "`client_key_password`"),
        ({"client_key": key, "client_key_password": {"env": "PROXY_WORD"}}, "environment variable PROXY_WORD"),
        ({"client_key": other}, "does not belong"),
        ({}, "openssl pkcs12"),
        ({"client_key": tmp_path / "nowhere"}, "No such file"),
    ]
    for settings, expected in cases:
        kind, words = told("https://127.0.0.1:9", client_certificate=certificate, **settings)
        assert kind is ConfigurationError
        assert expected in words
        assert PROXY_PASSWORD not in words


def test_http_is_forwarded_and_https_tunnelled_by_the_proxy_of_the_source(
    plain: str, private: str, ours: Authority
) -> None:
    with running_proxy(PAIR) as proxy:
        assert ask(plain, proxy=proxy.url, **THROUGH) == 200
        assert ask(private, proxy=proxy.url, ca_bundle=ours.bundle, **THROUGH) == 200
        assert [line.split(" ")[0] for line in proxy.asked] == ["GET", "CONNECT"]


def test_the_environment_names_a_proxy_and_what_goes_around_it(
    private: str, ours: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_proxy("bridge:plain-word") as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("//", "//bridge:plain-word@"))
        assert ask(private, ca_bundle=ours.bundle) == 200
        assert len(proxy.asked) == 1
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        assert ask(private, ca_bundle=ours.bundle) == 200
        assert len(proxy.asked) == 1
    assert "plain-word" not in redact("proxy says: plain-word is wrong")


def test_the_proxy_of_the_source_goes_before_that_of_the_environment(
    plain: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with running_proxy() as proxy:
        assert ask(plain, proxy=proxy.url) == 200
        assert len(proxy.asked) == 1


@pytest.mark.parametrize("given", [{}, {"proxy_username": "bridge", "proxy_password": {"env": "KEY_WORD"}}])
def test_a_proxy_that_wants_other_credentials_is_told_once_and_without_them(
    plain: str, private: str, ours: Authority, given: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    header = base64.b64encode(f"bridge:{KEY_PASSWORD}".encode()).decode()
    with running_proxy(PAIR, says="not with") as proxy, caplog.at_level(logging.DEBUG):
        for address in (plain, private):
            kind, words = told(address, proxy=proxy.url, ca_bundle=ours.bundle, **given)
            assert kind is Unreachable
            assert "`proxy_username` and `proxy_password`" in words
            assert header not in redact(words)
            assert not given or header not in redact(f"said {header}")
            assert KEY_PASSWORD not in words + caplog.text
        assert len(proxy.asked) == 2  # asked again, it would say the same


def test_a_proxy_that_is_not_there_is_told_by_its_setting(plain: str) -> None:
    kind, words = told(plain, proxy="http://127.0.0.1:9")
    assert kind is Unreachable
    assert "`proxy` of this source" in words


def test_connections_outlive_the_session_that_opened_them(plain: str) -> None:
    peers = set()

    def reply(handler: Any) -> None:
        peers.add(handler.client_address)
        send(handler, b"{}")

    class Renewing:
        def session(self) -> requests.Session:
            return requests.Session()

        def renew(self, refused: requests.Session) -> bool:
            return False

    with served(reply) as address:
        transport = Transport.of(SourceSettings(adapter="desk"), Renewing(), Traffic())
        for _ in range(3):
            transport.get(address)
        transport.close()
    assert len(peers) == 1
