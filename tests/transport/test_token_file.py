"""Refresh tokens that are good once: kept before they are used, by one process at a time, for their owner only."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from itsm_bridge import redaction
from itsm_bridge.errors import AuthenticationFailed, ConfigurationError, Unreachable
from itsm_bridge.redaction import redact
from itsm_bridge.transport import Token, TokenFile


class Rotating:
    """An authorization server: each refresh token is good once."""

    def __init__(self, first: str = "refresh-0") -> None:
        self.good = first
        self.given = 0

    def __call__(self, refresh: str) -> Token:
        if refresh != self.good:
            raise AuthenticationFailed("the refresh token is not good")
        self.given += 1
        self.good = f"refresh-{self.given}"
        return {"access_token": f"access-{self.given}", "refresh_token": self.good}


def never(token: Token) -> bool:
    return False


def always(token: Token) -> bool:
    return True


@pytest.fixture(autouse=True)
def _masks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_concealed", set())  # no other test shall see ours masked, nor we theirs


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "bridge.token"
    file.write_text("refresh-0\n", encoding="utf-8")
    file.chmod(0o600)
    return file


def kept(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))


def test_each_token_is_in_the_file_before_anybody_uses_it(path: Path) -> None:
    server = Rotating()
    for number in (1, 2, 3):
        token = TokenFile(path).renewed(server, never)
        assert token["access_token"] == f"access-{number}"
        assert kept(path)["refresh_token"] == server.good
    assert sorted(item.name for item in path.parent.iterdir()) == ["bridge.token", "bridge.token.lock"]


@pytest.mark.skipif(os.name != "posix", reason="permissions of files are those of POSIX")
def test_only_its_owner_may_read_the_file(path: Path) -> None:
    path.chmod(0o644)
    modes = []

    def fetch(refresh: str) -> Token:
        modes.extend(stat.S_IMODE(item.stat().st_mode) for item in path.parent.iterdir() if item != path)
        return Rotating()(refresh)

    TokenFile(path).renewed(fetch, never)
    modes += [stat.S_IMODE(item.stat().st_mode) for item in path.parent.iterdir()]
    assert set(modes) == {0o600}


def test_a_token_that_another_process_has_renewed_is_used_and_nothing_is_spent(path: Path) -> None:
    server = Rotating()
    TokenFile(path).renewed(server, never)
    assert TokenFile(path).renewed(server, always)["access_token"] == "access-1"
    assert server.given == 1


def test_the_answer_of_the_tool_may_be_put_into_the_file_as_it_came(path: Path) -> None:
    path.write_text('{"refresh_token": "refresh-0", "scope": "useraccount"}', encoding="utf-8")
    assert TokenFile(path).renewed(Rotating(), never)["refresh_token"] == "refresh-1"


def test_an_answer_without_a_refresh_token_leaves_the_old_one(path: Path) -> None:
    assert TokenFile(path).renewed(lambda refresh: {"access_token": "access"}, never)["refresh_token"] == "refresh-0"
    assert kept(path)["refresh_token"] == "refresh-0"


def test_a_refusal_leaves_the_file_as_it_was(path: Path) -> None:
    with pytest.raises(AuthenticationFailed):
        TokenFile(path).renewed(Rotating("another"), never)
    assert path.read_text(encoding="utf-8") == "refresh-0\n"
    assert sorted(item.name for item in path.parent.iterdir()) == ["bridge.token", "bridge.token.lock"]


def test_where_no_token_could_be_kept_none_is_spent(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = Rotating()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        with pytest.raises(ConfigurationError, match="No space left") as caught:
            TokenFile(path).renewed(server, never)
    assert "free space" in str(caught.value.hint)
    assert server.given == 0
    assert TokenFile(path).renewed(server, never)["access_token"] == "access-1"


@pytest.mark.parametrize("rename", ["fails", "dies"])
def test_a_token_that_did_not_come_to_its_place_is_found_by_the_next_run(
    path: Path, monkeypatch: pytest.MonkeyPatch, rename: str
) -> None:
    server = Rotating()

    def broken(self: Path, target: Path) -> Path:
        raise OSError(5, "Input/output error") if rename == "fails" else KeyboardInterrupt

    with monkeypatch.context() as disk:
        disk.setattr(Path, "replace", broken)
        with pytest.raises((ConfigurationError, KeyboardInterrupt)):
            TokenFile(path).renewed(server, never)
    assert server.given == 1
    assert TokenFile(path).renewed(server, never)["access_token"] == "access-2"


def test_what_a_person_writes_later_goes_before_what_a_dead_run_left(path: Path) -> None:
    draft = path.with_name("bridge.token.draft")
    draft.write_text('{"refresh_token": "left behind"}', encoding="utf-8")
    os.utime(draft, ns=(0, 0))
    assert TokenFile(path).renewed(Rotating(), never)["refresh_token"] == "refresh-1"


def test_a_run_killed_while_it_waits_for_the_tool_has_spoilt_nothing(path: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path; from itsm_bridge.transport import TokenFile\n"
        "TokenFile(Path(sys.argv[1])).renewed(lambda refresh: os.kill(os.getpid(), signal.SIGKILL), lambda token: False)"
    )
    assert subprocess.run([sys.executable, "-c", program, str(path)], check=False).returncode != 0
    assert path.with_name("bridge.token.draft").exists()
    assert TokenFile(path).renewed(Rotating(), never)["access_token"] == "access-1"


def test_two_at_once_do_not_spend_the_same_token(path: Path) -> None:
    server = Rotating()
    found: list[Token] = []
    work: Callable[[], None] = lambda: found.append(TokenFile(path).renewed(server, never))  # noqa: E731
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(token["access_token"] for token in found) == [f"access-{number}" for number in (1, 2, 3, 4)]
    assert kept(path)["refresh_token"] == server.good


def test_a_lock_that_is_never_given_back_is_told(path: Path) -> None:
    with FileLock(f"{path}.lock"), pytest.raises(Unreachable, match="another process"):
        TokenFile(path, longest_wait=0).renewed(Rotating(), never)


def test_a_file_that_holds_no_token_is_told(path: Path) -> None:
    path.write_text('{"error": "no"}', encoding="utf-8")
    with pytest.raises(ConfigurationError, match="holds no refresh token"):
        TokenFile(path).renewed(Rotating(), never)
    path.unlink()
    with pytest.raises(ConfigurationError, match="not there"):
        TokenFile(path).renewed(Rotating(), never)


def test_tokens_are_masked_from_the_moment_they_are_known(path: Path) -> None:
    def refused(refresh: str) -> Token:
        raise AuthenticationFailed(f"{refresh} is not good")

    path.write_text("planted-refresh-token", encoding="utf-8")
    with pytest.raises(AuthenticationFailed) as caught:
        TokenFile(path).renewed(refused, never)
    assert "planted-refresh" not in redact(str(caught.value))
    TokenFile(path).renewed(lambda _: {"access_token": "planted-access", "refresh_token": "planted-next"}, never)
    assert "planted" not in redact("planted-access planted-next")
