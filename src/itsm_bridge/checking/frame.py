"""In which light records are judged, and what a run of checks leaves behind."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import pyarrow as pa

from itsm_bridge.checking.parameters import Loosened
from itsm_bridge.schema import TABLES

Verdict = Literal["pass", "fail", "not_assessable"]

COUNTS = pa.schema([
    ("check_id", pa.string()), ("source_id", pa.string()), ("in_scope", pa.int64()), ("assessable", pa.int64()),
    ("not_assessable", pa.int64()), ("failing", pa.int64()), ("suppressed", pa.int64()), ("waived", pa.int64()),
    ("reasons", pa.string()),
])  # fmt: skip
FINDINGS = pa.schema([
    ("check_id", pa.string()), ("source_id", pa.string()), ("work_item_id", pa.string()), ("subject", pa.string()),
    ("number", pa.string()), ("url", pa.string()), ("suppressed_by", pa.string()), ("is_waived", pa.bool_()),
    ("message", pa.string()), ("evidence", pa.string()),
])  # fmt: skip
FIGURES = pa.schema([field for field in TABLES["kpi_result"].arrow if field.name != "assessment"])


@dataclass(frozen=True, slots=True)
class Frame:
    """The moment and the period that are judged; instants are UTC without a zone.

    `parameters` are the organisation's own values by name. `watched` names, per check, subjects whose
    verdict is wanted whatever it is: those of earlier findings. `previous_from` is where the period before begins;
    without it that is as long as this one. `drawn` is how many passing subjects of each check are wanted, drawn
    by `seed`.
    """

    now: datetime
    period_from: datetime
    period_to: datetime
    parameters: Mapping[str, Any] = field(default_factory=dict)
    previous_from: datetime | None = None
    number: int = 0
    watched: Mapping[str, Collection[str]] = field(default_factory=dict)
    drawn: int = 0
    seed: str = ""

    @property
    def before(self) -> datetime:
        """Where the period before this one begins; it ends where this one begins."""
        return self.previous_from or self.period_from - (self.period_to - self.period_from)


@dataclass(frozen=True, slots=True)
class CheckRun:
    """What a run of checks found.

    `counts` has a row per check and source, and one with source `*` for all; `failing` leaves out what is
    suppressed or waived. `findings` has every failing subject. `problems` are checks that could not be
    carried out. `verdicts` answers for `Frame.watched` where the subject is still in scope. `figures` has the
    rows of `kpi_result`, without the number of the assessment. `drawn` names passing subjects per check, with
    source and record, in the order in which they were drawn.
    """

    counts: pa.Table
    findings: pa.Table
    problems: tuple[tuple[str, str], ...] = ()
    loosened: tuple[Loosened, ...] = ()
    verdicts: Mapping[tuple[str, str], Verdict] = field(default_factory=dict)
    figures: pa.Table = field(default_factory=FIGURES.empty_table)
    drawn: Mapping[str, Sequence[tuple[str, str, str | None]]] = field(default_factory=dict)
