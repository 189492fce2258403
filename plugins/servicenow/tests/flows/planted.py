"""Secrets planted in the settings of several sources, one for each way in, and everything that was ever printed."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, quote_plus

import pyarrow.parquet as parquet
from markupsafe import escape
from typer.testing import Result
from world import World

PASSWORD = 'planted-p%ss"wörd/+&\\1'
CLIENT_SECRET = "planted-client+secret/ä=="
PRIVACY_KEY = "planted-privacy-key-4711"
PROXY = "planted-proxy/wörd+"
API_KEY = "planted-api-key/4711=="
KEY_PASSWORD = "planted-word-of-the-key"
FIRST_REFRESH = "planted-refresh/token+0"
SECRETS = (PASSWORD, CLIENT_SECRET, PRIVACY_KEY, PROXY, API_KEY, KEY_PASSWORD, FIRST_REFRESH)
ENVIRONMENT = {
    "PLANTED_P": PASSWORD, "PLANTED_C": CLIENT_SECRET, "PLANTED_K": PRIVACY_KEY, "PLANTED_X": PROXY,
    "PLANTED_A": API_KEY, "PLANTED_L": KEY_PASSWORD,
}  # fmt: skip
BASIC = 'username = "svc_bridge"\npassword = { env = "PLANTED_P" }\n'
CLIENT = 'client_id = "client-7f3a"\nclient_secret = { env = "PLANTED_C" }\n'
KEY = 'api_key = { env = "PLANTED_A" }\n'
REFRESH = f'{CLIENT}refresh_token_file = "tokens/prod.token"\n'
WAYS = {"basic": BASIC, "key": KEY, "client": CLIENT, "grant": CLIENT + BASIC, "refresh": REFRESH}
STREAMS = 'streams = ["incident", "sys_choice", "sys_user"]\n'
FEWER = 'streams = ["sys_choice"]\n'
LOUD = ("-vv", "--log-json")


@dataclass
class Planted:
    """A world with secrets in its settings, and everything that was ever printed in it."""

    world: World
    printed: list[str] = field(default_factory=list)

    @property
    def token_file(self) -> Path:
        return self.world.folder / "tokens" / "prod.token"

    def configure(self, signed_in: str, url: str = "", also: Mapping[str, str] | None = None) -> None:
        """Write a configuration of one source, and of further ones that read less; each is given by its lines."""
        address = f'url = "{url or self.world.server.url}"\n'
        others = "".join(
            f'[sources.{name}]\nadapter = "servicenow"\n{"" if "url =" in lines else address}{FEWER}{lines}'
            for name, lines in (also or {}).items()
        )
        self.world.configure(
            f"{address}{STREAMS}{signed_in}",
            more=f'[privacy]\nkey = {{ env = "PLANTED_K" }}\n{others}',
            shows_process=True,
        )

    def write_token(self, refresh: str = FIRST_REFRESH) -> None:
        """Write a refresh token, as a person who signed in once in a browser does."""
        self.token_file.parent.mkdir(exist_ok=True)
        self.token_file.write_text(refresh, encoding="utf-8")
        self.token_file.chmod(0o600)

    def run(self, *arguments: str, code: int | None = None) -> Result:
        result = self.world.run(*arguments)
        assert code in (None, result.exit_code), result.output[-2000:]
        self.printed += [result.stdout, result.stderr]
        return result

    def files(self) -> list[Path]:
        """Return every file of this world but the one in which tokens are kept."""
        return [path for path in self.world.folder.rglob("*") if path.is_file() and path != self.token_file]


def forms(secret: str) -> set[str]:
    """Return the shapes in which a secret might come out; those too short to tell anything aside."""
    pairs = (secret, f"svc_bridge:{secret}", f"bridge:{secret}")
    encoded = {base64.b64encode(text.encode()).decode() for text in pairs}
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
