"""What a report shows, and the contract of a report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from itsm_bridge.assessment.clauses import Clauses
from itsm_bridge.assessment.gaps import Gap
from itsm_bridge.checking.definition import Check, Kpi
from itsm_bridge.policy.choices import ParameterValue
from itsm_bridge.process import Process
from itsm_bridge.schema import TABLES


@dataclass(frozen=True, slots=True)
class AssessmentView:
    """One assessment as a report shows it. Tables are those of the schema; instants are UTC.

    `stream_runs` holds the last run of each stream. `parameters` holds only values set by the
    policy. `head` is the hash of the last manifest of the chain. `mapping` names each mapping file
    with its digest, `software` each program with its version, `policy` each policy file with its
    digest. `manifest` is the snapshot's manifest as stored. `policy_tables` are the tables of the policy that
    the readiness is told from: documents, suppliers, registers. `process` looks at how the records ran; it reads the
    snapshot the first time that it is asked.
    """

    number: int
    snapshot: int
    now: datetime
    period_from: datetime
    period_to: datetime
    exit_code: int
    sources: pa.Table
    capabilities: pa.Table
    stream_runs: pa.Table
    results: pa.Table
    findings: pa.Table
    conclusions: pa.Table
    checks: Sequence[Check]
    clauses: Clauses
    figures: pa.Table = field(default_factory=TABLES["kpi_result"].arrow.empty_table)
    kpis: Sequence[Kpi] = ()
    gaps: tuple[Gap, ...] = ()
    problems: tuple[tuple[str, str], ...] = ()
    parameters: Mapping[str, ParameterValue] = field(default_factory=dict)
    adopted: frozenset[str] = frozenset()
    compared_with: int | None = None
    timezone: str = "UTC"
    snapshot_at: datetime | None = None
    head: str = ""
    software: Mapping[str, str] = field(default_factory=dict)
    mapping: Mapping[str, str] = field(default_factory=dict)
    policy: Mapping[str, str] = field(default_factory=dict)
    manifest: Mapping[str, Any] = field(default_factory=dict)
    policy_tables: Mapping[str, pa.Table] = field(default_factory=dict)
    process: Callable[[], Process] | None = None


class Report(Protocol):
    """A way to show an assessment. Plugins bring their own through the hook `itsm_reports`."""

    name: str

    def write(self, view: AssessmentView, destination: Path | None) -> Path | None:
        """Show `view`, in the file `destination` or on standard output where None; return the file written.

        Raises DeliveryError where the file cannot be written.
        """
        ...
