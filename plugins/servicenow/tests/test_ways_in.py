"""Every way to sign in, over real connections to the simulated instance: success, refusal, and all its addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from certificates import Authority
from proxy import running_proxy
from servicenow_source import BASIC, OAUTH, PASSWORD, Made, made_source
from surroundings import without_surroundings

from itsm_bridge.errors import AuthenticationFailed, Unreachable
from itsm_bridge.redaction import redact
from itsm_bridge_servicenow.testing import SimulatedServiceNow

API_KEY = "now_key-4711"
OTHER = "not-the-right-one"
WRONG = {"username": "svc_bridge", "password": {"env": "BRIDGE_OTHER"}}
CLIENT = {"client_id": "client-7f3a", "client_secret": {"env": "BRIDGE_OTHER"}}
PATH = "/itsm/now"
Maker = Callable[..., Made]


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    without_surroundings(monkeypatch)
    monkeypatch.setenv("BRIDGE_PASSWORD", PASSWORD)
    monkeypatch.setenv("BRIDGE_CLIENT_SECRET", "shh-client")
    monkeypatch.setenv("BRIDGE_API_KEY", API_KEY)
    monkeypatch.setenv("BRIDGE_OTHER", OTHER)


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def shared(ours: Authority) -> Iterator[SimulatedServiceNow]:
    """An instance behind a gateway: https of a private authority, clients with certificates only, a path before all."""
    with SimulatedServiceNow({}, base_path=PATH, tls=ours.server(demands=ours)) as server:
        for number in range(3):
            server.insert("incident", {"number": f"INC{number}"})
        yield server


@pytest.fixture
def instance(shared: SimulatedServiceNow) -> Iterator[SimulatedServiceNow]:
    signing = shared.sign_in
    signing.api_key, signing.certificates, signing.rotates = API_KEY, frozenset(), False
    shared.expire_tokens()
    shared.forget()
    yield shared
    signing.revoke()


@pytest.fixture
def made(instance: SimulatedServiceNow, ours: Authority) -> Iterator[Maker]:
    """Make sources that reach the instance; what they opened is closed."""
    certificate, key = ours.issue("bridge")
    route = {"ca_bundle": ours.bundle, "client_certificate": certificate, "client_key": key}
    opened: list[Made] = []

    def make(**given: Any) -> Made:
        opened.append(made_source(instance.url, **(route | given)))
        return opened[-1]

    yield make
    for source in opened:
        source.adapter.close()


@pytest.fixture
def token_file(instance: SimulatedServiceNow, tmp_path: Path) -> Path:
    """A refresh token, as a person who signed in once in a browser writes it down."""
    instance.sign_in.rotates = True
    file = tmp_path / "bridge.token"
    file.write_text(instance.sign_in.authorize(), encoding="utf-8")
    file.chmod(0o600)
    return file


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(BASIC, id="user and password"),
        pytest.param({"api_key": {"env": "BRIDGE_API_KEY"}}, id="API key"),
        pytest.param({}, id="certificate"),
        pytest.param(OAUTH, id="client credentials"),
        pytest.param(OAUTH | BASIC, id="password grant"),
    ],
)
def test_each_way_in_reads_counts_and_links_below_the_path(
    instance: SimulatedServiceNow, made: Maker, given: dict[str, Any]
) -> None:
    instance.sign_in.certificates = frozenset() if given else frozenset({"bridge"})
    source = made(**given)
    assert len(source.read("incident")) == 3
    assert source.adapter.count(source.stream("incident")) == 3
    link = source.adapter.link("incident")
    assert link == f"{instance.url}/nav_to.do?uri=incident.do%3Fsys_id%3D{{key}}"
    assert f"{PATH}/nav_to.do" in str(link)
    tokens = [f"{PATH}/oauth_token.do"] if "client_id" in given else []
    asked = [request.path for request in instance.requests]
    assert [path for path in asked if not path.startswith(f"{PATH}/api/now/table/")] == tokens
    assert all(request.status == 200 for request in instance.requests)


@pytest.mark.parametrize(
    ("given", "way", "settings", "more"),
    [
        (WRONG, "user name and password", "`username` and `password`", "not locked out"),
        ({"api_key": {"env": "BRIDGE_OTHER"}}, "API key", "`api_key`", "API access policy"),
        ({}, "client certificate", "`client_certificate` (", "User to Certificate Mapping"),
        (CLIENT, "OAuth, client credentials", "`client_id` and `client_secret`", "application user"),
        (CLIENT | WRONG, "OAuth, password", "`client_id`, `client_secret`, `username` and `password`", "this grant"),
    ],
    ids=["user and password", "API key", "certificate", "client credentials", "password grant"],
)
def test_a_way_in_that_is_refused_says_once_which_it_is_and_what_to_check_for_it(
    instance: SimulatedServiceNow, made: Maker, given: dict[str, Any], way: str, settings: str, more: str
) -> None:
    source = made(**given)
    with pytest.raises(AuthenticationFailed) as caught:
        source.adapter.preflight()
    hint = redact(str(caught.value.hint))
    assert hint.startswith(f"Check {settings}")
    assert f"this source signs in by {way}. " in hint
    assert more in hint
    assert source.waits == []
    assert OTHER not in f"{caught.value!r}{caught.value.hint}"


def test_a_token_that_the_interface_refuses_is_told_as_the_same_way_in(
    instance: SimulatedServiceNow, made: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(instance.sign_in), "_is_known", lambda *_: False)
    with pytest.raises(AuthenticationFailed, match="refused the credentials") as caught:
        made(**OAUTH).adapter.preflight()
    assert str(caught.value.hint).startswith("Check `client_id` and `client_secret`")


def test_a_dead_address_of_tokens_is_told_by_the_setting_that_holds_it(made: Maker) -> None:
    with pytest.raises(Unreachable) as caught:
        made(**OAUTH, token_url="https://127.0.0.1:9/oauth_token.do").adapter.preflight()
    assert "`token_url`" in str(caught.value.hint)
    assert "`url`" not in str(caught.value.hint)


def test_a_rotating_refresh_token_survives_runs_and_is_spent_only_when_needed(
    instance: SimulatedServiceNow, made: Maker, token_file: Path
) -> None:
    given = OAUTH | {"refresh_token_file": token_file}
    written = [token_file.read_text(encoding="utf-8")]
    for _ in range(2):  # another run, or another process beside the first
        source = made(**given)
        assert len(source.read("incident")) == 3
    assert instance.requests_about["oauth_token"] == 1
    instance.expire_tokens()
    assert len(source.read("incident")) == 3
    written.append(token_file.read_text(encoding="utf-8"))
    assert len(set(written)) == 2
    assert len(instance.sign_in.spent & {*written[:1]}) == 1
    assert token_file.stat().st_mode & 0o777 == 0o600


def test_two_that_share_a_rotating_token_do_not_lock_each_other_out(
    instance: SimulatedServiceNow, made: Maker, token_file: Path
) -> None:
    first, second = (made(**OAUTH, refresh_token_file=token_file) for _ in range(2))
    for _ in range(3):
        assert len(first.read("incident")) == len(second.read("incident")) == 3
        instance.expire_tokens()


def test_a_refresh_token_that_is_revoked_is_told_with_what_to_do(
    instance: SimulatedServiceNow, made: Maker, token_file: Path
) -> None:
    source = made(**OAUTH, refresh_token_file=token_file)
    assert len(source.read("incident")) == 3
    instance.sign_in.revoke()
    instance.expire_tokens()
    before = token_file.read_bytes()
    with pytest.raises(AuthenticationFailed, match="gives no token") as caught:
        source.read("incident")
    assert "Sign in anew" in str(caught.value.hint)
    assert str(token_file) in str(caught.value.hint)
    assert token_file.read_bytes() == before
    token_file.write_text(instance.sign_in.authorize(), encoding="utf-8")
    assert len(made(**OAUTH, refresh_token_file=token_file).read("incident")) == 3


def test_a_token_that_ends_soon_is_not_fetched_anew_for_every_request(
    instance: SimulatedServiceNow, made: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(instance.sign_in, "lifetime", 40)  # the instance repeats a token that still lives
    source = made(**OAUTH)
    for _ in range(3):
        source.read("incident")
    assert instance.requests_about["oauth_token"] == 1


@pytest.mark.parametrize("given", [OAUTH, OAUTH | BASIC], ids=["client credentials", "password grant"])
def test_tokens_are_fetched_on_the_same_route_as_data(
    instance: SimulatedServiceNow, made: Maker, monkeypatch: pytest.MonkeyPatch, given: dict[str, Any]
) -> None:
    with running_proxy("bridge:shh-client") as proxy:
        door = {"proxy": proxy.url, "proxy_username": "bridge", "proxy_password": {"env": "BRIDGE_CLIENT_SECRET"}}
        assert len(made(**given, **door).read("incident")) == 3
        assert len(proxy.asked) == 2  # one connection for tokens, one for data
        closed = door | {"proxy_password": {"env": "BRIDGE_PASSWORD"}}
        with pytest.raises(Unreachable, match="the proxy wants other credentials"):
            made(**given, **closed).adapter.preflight()
