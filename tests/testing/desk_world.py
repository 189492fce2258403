"""The help desk as the contract suite wants it."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, ClassVar, Self

from desk_adapter import DeskAdapter
from desk_server import PASSWORD, USER, DeskServer, instant

from itsm_bridge.testing import World


class DeskWorld(World):
    adapter = DeskAdapter
    streams = ("group", "person")
    mark = "note"
    page_rows = 5
    many = 60
    identity = USER
    secrets = (PASSWORD, f"{USER}:{PASSWORD}")
    environment: ClassVar[Mapping[str, str]] = {"DESK_PASSWORD": PASSWORD}

    def __init__(self) -> None:
        self.desk = DeskServer()

    def __enter__(self) -> Self:
        self.desk.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self.desk.stop()

    @property
    def url(self) -> str:
        return self.desk.url

    def settings(self, url: str) -> Mapping[str, Any]:
        return {"url": url, "username": USER, "password": {"env": "DESK_PASSWORD"}, "page_size": self.page_rows}

    def write(self, stream: str, name: str, at: datetime, mark: str) -> str:
        self.desk.rows[stream][name] = {"id": name, "changed": instant(at), "note": mark}
        return name

    def remove(self, stream: str, key: str, *, recorded: bool) -> None:
        del self.desk.rows[stream][key]
        if recorded:
            self.desk.deletions.append({"stream": stream, "id": key, "at": instant(self.desk.now)})

    def visible(self, stream: str) -> Mapping[str, str]:
        return {key: row["note"] for key, row in self.desk.rows[stream].items() if key not in self.desk.hidden}

    def hide(self, stream: str, keys: Collection[str]) -> None:
        self.desk.hidden |= set(keys)

    def shorten_pages(self, stream: str) -> None:
        keys = sorted(self.desk.rows[stream], key=lambda key: self.desk.rows[stream][key]["changed"])
        self.desk.hidden |= {*keys[5:12], *keys[14::3]}

    def deny_stream(self, stream: str) -> None:
        self.desk.closed.add(stream)

    def deny_field(self, stream: str) -> str:
        self.desk.closed_fields.add("note")
        return "note"

    def shift_clock(self, seconds: float) -> None:
        self.desk.ahead = seconds

    def failed_answer(self, body: bytes) -> bytes:
        records = json.loads(body).get("records") or []
        return json.dumps({"records": records[: len(records) // 2], "next": None, "error": "out of time"}).encode()
