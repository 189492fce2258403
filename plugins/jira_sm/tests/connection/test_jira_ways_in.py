"""Every way in, over real connections to a simulated Jira: success, refusal, and what is said of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from certificates import Authority
from surroundings import without_surroundings

from itsm_bridge.adapter import Traffic
from itsm_bridge.errors import AuthenticationFailed, Unreachable
from itsm_bridge_jira_sm.discovery import discover
from itsm_bridge_jira_sm.session import Site, connect
from itsm_bridge_jira_sm.settings import JiraSettings
from itsm_bridge_jira_sm.testing import SimulatedJira

PATH = "/jira"


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    without_surroundings(monkeypatch)


@pytest.fixture(scope="module")
def cloud() -> Iterator[SimulatedJira]:
    with SimulatedJira("cloud") as served:
        yield served


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def center(ours: Authority) -> Iterator[SimulatedJira]:
    """A Data Center with a context path, and a certificate of a private authority."""
    with SimulatedJira("data_center", base_path=PATH, tls=ours.server()) as served:
        yield served


def settings_of(jira: SimulatedJira, monkeypatch: pytest.MonkeyPatch, secret: str, **given: Any) -> JiraSettings:
    monkeypatch.setenv("JIRA_SECRET", secret)
    common = {"adapter": "jira_sm", "url": jira.url, "gateway": jira.root, "token_url": jira.token_url}
    return JiraSettings.model_validate(common | given)


def tried(settings: JiraSettings) -> Site:
    """Connect and ask for the fields, as every later request does."""
    site = connect(settings, Traffic(), sleep=lambda _: None)
    try:
        assert discover(site, settings).ids["sla"]
    finally:
        site.close()
    return site


SECRET = {"env": "JIRA_SECRET"}


def test_a_token_without_scopes_works_on_the_site(cloud: SimulatedJira, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"username": cloud.username, "api_token": SECRET}
    assert tried(settings_of(cloud, monkeypatch, cloud.api_token, **given)).base == cloud.url


def test_a_token_with_scopes_works_through_the_gateway_and_on_the_site_says_so(
    cloud: SimulatedJira, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"username": cloud.username, "api_token": SECRET}
    for cloud_id in ("detect", cloud.cloud_id):
        through = settings_of(cloud, monkeypatch, cloud.scoped_token, **given, cloud_id=cloud_id)
        assert tried(through).base == cloud.gateway
    with pytest.raises(AuthenticationFailed) as caught:
        tried(settings_of(cloud, monkeypatch, cloud.scoped_token, **given))
    assert f'cloud_id = "{cloud.cloud_id}"' in str(caught.value.hint)


def test_a_token_without_scopes_at_the_gateway_says_what_to_take_out(
    cloud: SimulatedJira, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"username": cloud.username, "api_token": SECRET, "cloud_id": "detect"}
    with pytest.raises(AuthenticationFailed) as caught:
        tried(settings_of(cloud, monkeypatch, cloud.api_token, **given))
    assert "without `cloud_id` only" in str(caught.value.hint)


def test_an_app_keeps_each_new_refresh_token(
    cloud: SimulatedJira, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "bridge.token"
    file.write_text(cloud.sign_in.refresh_token, encoding="utf-8")
    file.chmod(0o600)
    given = {"client_id": cloud.client_id, "client_secret": SECRET, "refresh_token_file": file}
    settings = settings_of(cloud, monkeypatch, cloud.client_secret, **given)
    first = cloud.sign_in.refresh_token
    assert tried(settings).base == cloud.gateway
    assert cloud.sign_in.refresh_token != first
    assert cloud.sign_in.refresh_token in file.read_text(encoding="utf-8")
    cloud.sign_in.expire()
    assert tried(settings).is_cloud
    assert cloud.sign_in.refresh_token in file.read_text(encoding="utf-8")
    cloud.sign_in.expire()
    cloud.sign_in.revoke()
    with pytest.raises(AuthenticationFailed, match="gives no token") as caught:
        tried(settings)
    assert str(file) in str(caught.value.hint)


@pytest.mark.parametrize("way", ["password", "token"])
def test_a_data_center_is_reached_below_its_path_with_its_own_certificate(
    center: SimulatedJira, ours: Authority, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    given: dict[str, Any] = (
        {"username": center.username, "password": SECRET} if way == "password" else {"token": SECRET}
    )
    secret = center.password if way == "password" else center.token
    site = tried(settings_of(center, monkeypatch, secret, **given, ca_bundle=ours.bundle))
    assert (site.base, site.is_cloud) == (center.url, False)
    assert center.url.endswith(PATH)
    with pytest.raises(Unreachable, match="certificate is not trusted"):
        tried(settings_of(center, monkeypatch, secret, **given))


def test_a_wrong_password_is_tried_once_a_run_and_ends_at_a_captcha(
    center: SimulatedJira, ours: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"username": center.username, "password": SECRET, "ca_bundle": ours.bundle}
    wrong = settings_of(center, monkeypatch, "mistyped", **given)
    for failures in (1, 2, 3):
        with pytest.raises(AuthenticationFailed, match="refused the credentials"):
            tried(wrong)
        assert center.sign_in.failures == failures
    right = settings_of(center, monkeypatch, center.password, **given)
    with pytest.raises(AuthenticationFailed, match="CAPTCHA") as caught:
        tried(right)
    assert f"{center.url}/login.jsp" in str(caught.value.hint)
    center.sign_in.solve_captcha()
    assert not tried(right).is_cloud
