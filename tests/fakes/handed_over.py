"""A folder of canonical files as a source, and an installation that reads only it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from site_of_desk import Site

from itsm_bridge.adapters.files import Files, FilesSettings
from itsm_bridge.settings import Config
from itsm_bridge.settings import Store as StoreSettings

WORK_ITEMS = """work_item_id,record_type,source_key,number,title,state,priority,opened_at,is_major,requester_id
1,incident,1,INC1,Printer on fire,new,2,2026-01-05T08:00:00Z,false,abel
2,change,2,CHG2,,closed,3,2026-01-06 09:30:00+02:00,true,berta
3,incident,3,INC3,"Two
lines, one cell",in_progress,,2026-01-07,,abel
"""
PEOPLE = "person_id,login\nabel,abel.tuter\nberta,berta\n"


class Handed(Site):
    """An installation whose only source, `hand`, is a folder of files."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        super().__init__(folder)
        self.files = folder / "files"
        self.files.mkdir(exist_ok=True)
        self.adapters = {"files": Files}
        self.settings = settings

    @property
    def config(self) -> Config:
        settings = FilesSettings(adapter="files", path=self.files, **self.settings)
        return Config(
            store=StoreSettings(path=str(self.path)), sources={"hand": settings}, folder=self.folder,
            file=self.folder / "itsm-bridge.toml", **self.privacy,
        )  # fmt: skip

    def put(self, **texts: str) -> None:
        for name, text in texts.items():
            (self.files / f"{name}.csv").write_text(text, encoding="utf-8")
