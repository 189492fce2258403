from __future__ import annotations

import base64
import json
import logging
import os
import traceback
from pathlib import Path
from urllib.parse import quote

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked
from pydantic import BaseModel, ValidationError

from itsm_bridge.errors import ConfigurationError
from itsm_bridge.plugins import build_plugin_manager
from itsm_bridge.secrets import Secret, conceal, redact
from itsm_bridge.settings import load_config

VALUE = 'pa&ss "wörd" 42'


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> Secret:
    monkeypatch.setenv("DESK_PASSWORD", VALUE)
    return Secret(env="DESK_PASSWORD")


class Vault(KeyringBackend):
    priority = 1.0

    def get_password(self, service: str, username: str) -> str | None:
        if service == "locked":
            raise KeyringLocked("no")
        return {("itsm/desk", "bridge"): VALUE}.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError


@pytest.fixture
def vault() -> object:
    before = keyring.get_keyring()
    keyring.set_keyring(Vault())
    yield
    keyring.set_keyring(before)


def test_a_secret_comes_from_the_environment(secret: Secret) -> None:
    assert secret.reveal() == VALUE


def test_a_secret_comes_from_a_file_without_its_last_line_end(tmp_path: Path) -> None:
    (tmp_path / "s").write_text(f"{VALUE}\r\n", encoding="utf-8")
    assert Secret(file=tmp_path / "s").reveal() == VALUE


def test_a_secret_comes_from_a_keyring(vault: object) -> None:
    assert Secret(keyring="itsm/desk/bridge").reveal() == VALUE


@pytest.mark.skipif(os.name != "posix", reason="permissions of files are those of POSIX")
def test_a_file_that_others_may_read_is_warned_about(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "s"
    file.write_text(VALUE, encoding="utf-8")
    file.chmod(0o644)
    Secret(file=file).reveal()
    assert "chmod 600" in caplog.text
    caplog.clear()
    file.chmod(0o600)
    Secret(file=file).reveal()
    assert not caplog.text


@pytest.mark.parametrize(
    ("secret", "message", "hint"),
    [
        (Secret(env="NOT_SET_ANYWHERE"), "not set", "export NOT_SET_ANYWHERE"),
        (Secret(file=Path("/nowhere/at/all")), "cannot be read", "nothing else"),
        (Secret(keyring="itsm/other"), "no such entry", "keyring set itsm other"),
        (Secret(keyring="locked/x"), "cannot be used", "Unlock"),
    ],
)
def test_a_secret_that_is_not_there_says_what_to_do(vault: object, secret: Secret, message: str, hint: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        secret.reveal()
    assert message in caught.value.message
    assert hint in (caught.value.hint or "")


def test_an_empty_secret_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMPTY", "")
    with pytest.raises(ConfigurationError, match="empty"):
        Secret(env="EMPTY").reveal()


def test_a_secret_never_shows_its_value(secret: Secret) -> None:
    class Holder(BaseModel):
        password: Secret

    secret.reveal()
    holder = Holder(password=secret)
    for shown in (repr(secret), str(secret), f"{secret}", repr(holder), holder.model_dump_json(), str(vars(secret))):
        assert VALUE not in shown
    assert "DESK_PASSWORD" in repr(secret)


def test_a_plain_text_is_refused_without_repeating_it() -> None:
    class Holder(BaseModel):
        password: Secret

    with pytest.raises(ValidationError) as caught:
        Holder.model_validate({"password": "hunter22"}, context=None)
    assert "hunter22" not in str(caught.value.errors(include_input=False))


def test_a_revealed_secret_is_masked_in_every_form(secret: Secret) -> None:
    secret.reveal()
    forms = (VALUE, quote(VALUE), quote(VALUE, safe=""), json.dumps(VALUE), base64.b64encode(VALUE.encode()).decode())
    for form in forms:
        masked = redact(f"before {form} after")
        assert "ss%20" not in masked
        assert form.strip('"') not in masked
        assert masked.startswith("before ")
        assert masked.endswith(" after")


def test_a_traceback_is_masked(secret: Secret) -> None:
    value = secret.reveal()
    try:
        raise RuntimeError(f"login failed with {value}")
    except RuntimeError:
        assert VALUE not in redact(traceback.format_exc())


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Basic c3ZjOnRvcHNlY3JldA==",
        "{'Authorization': 'Bearer c3ZjOnRvcHNlY3JldA=='}",
        '{"access_token": "c3ZjOnRvcHNlY3JldA==", "expires_in": 3600}',
        "{'x-sn-apikey': 'c3ZjOnRvcHNlY3JldA=='}",
        "X-Api-Key: c3ZjOnRvcHNlY3JldA==",
        "Proxy-Authorization: Basic c3ZjOnRvcHNlY3JldA==",
        "POST /oauth?client_secret=c3ZjOnRvcHNlY3JldA==&grant_type=password",
        "Set-Cookie: JSESSIONID=c3ZjOnRvcHNlY3JldA==; Path=/",
        "https://svc:c3ZjOnRvcHNlY3JldA==@desk.example/api",
        "password=c3ZjOnRvcHNlY3JldA==",
    ],
)
def test_what_looks_like_a_credential_is_masked_though_nobody_named_it(text: str) -> None:
    assert "c3ZjOnRvcHNlY3JldA==" not in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "INC0010042: basic authentication is on", "the password is missing", 'password = { env = "X" }',
        "https://desk.example/nav_to.do?uri=incident.do", "the bearer of bad news", "resolved at 2026-01-01T10:00:00",
    ],
)  # fmt: skip
def test_what_is_no_credential_stays_readable(text: str) -> None:
    assert redact(text) == text


def test_a_short_secret_does_not_mask_half_of_every_sentence(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SHORT", "e")
    with caplog.at_level(logging.WARNING):
        Secret(env="SHORT").reveal()
    conceal("e")
    assert redact("seven trees") == "seven trees"
    assert "so short" in caplog.text


@pytest.mark.parametrize(
    "line", ['client_key = "data/bridge.key"', 'proxy = "http://p:1"\nproxy_username = "x"\nproxy_password = { file = "data/word" }']
)  # fmt: skip
def test_what_opens_a_source_may_not_lie_in_the_store(tmp_path: Path, line: str) -> None:
    file = tmp_path / "itsm-bridge.toml"
    text = f'[store]\npath = "data"\n[sources.desk]\nadapter = "files"\npath = "in"\nclient_certificate = "c"\n{line}\n'
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="lies in the store"):
        load_config(file, build_plugin_manager([]), {})
    file.write_text(text.replace("data/", "beside/"), encoding="utf-8")
    load_config(file, build_plugin_manager([]), {})
