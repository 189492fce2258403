"""The settings of `itsm-bridge.toml` (design §9): one model a section, frozen, unknown keys are errors."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SerializeAsAny, model_validator
from pydantic_core import PydanticCustomError

from itsm_bridge.adapter import SourceSettings
from itsm_bridge.secrets import Secret
from itsm_bridge.settings.period import Period
from itsm_bridge.suggestions import did_you_mean


def _known_timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        from zoneinfo import available_timezones

        raise PydanticCustomError(
            "timezone",
            "{name} is not a time zone of the IANA list, such as Europe/Berlin{suggestion}",
            {"name": repr(name), "suggestion": did_you_mean(name, available_timezones())},
        ) from None
    return name


def _known_cron_line(line: str) -> str:
    from itsm_bridge.cron import cron_trigger

    try:
        cron_trigger(line, "UTC")
    except ValueError as error:
        raise PydanticCustomError("cron", "{reason}", {"reason": str(error)}) from None
    return line


def _known_size(size: str) -> str:
    if not re.fullmatch(r"\d+(\.\d+)? ?([MGT]B|[MGT]iB)", size):
        raise PydanticCustomError("size", "{size} is no size; write for example 4 GB", {"size": repr(size)})
    return size


MemorySize = Annotated[str, AfterValidator(_known_size)]
Timezone = Annotated[str, AfterValidator(_known_timezone)]
CronLine = Annotated[str, AfterValidator(_known_cron_line)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Store(_Section):
    """Where everything is kept."""

    path: str = Field(default="itsm-bridge-data", min_length=1, description="Folder, or address of an object store")

    @property
    def is_remote(self) -> bool:
        """True where `path` is the address of an object store."""
        return "://" in self.path


class Assessment(_Section):
    """What is judged and by which policy."""

    period: str = Field(
        default="30d", description="30d, 12w; month, quarter, year (last complete); or 2026-01-01/2026-06-30"
    )
    timezone: Timezone = Field(
        default="UTC", description="Zone in which days and working hours are meant, such as Europe/Berlin"
    )
    policy: Path | None = Field(
        default=None, examples=["policy"], description="Folder with what your organisation decided itself"
    )
    checks: tuple[Path, ...] = Field(default=(), examples=[["checks"]], description="Folders of your own check files")
    kpis: tuple[Path, ...] = Field(default=(), examples=[["kpis"]], description="Folders of your own KPI files")
    constraints: tuple[Path, ...] = Field(
        default=(), examples=[["constraints"]], description="Folders of your own constraints on the order of activities"
    )
    memory: MemorySize | None = Field(
        default=None,
        examples=["4 GB"],
        description="Most memory taken while judging, as 4 GB; 2 GB or less without it; the rest goes to disk",
    )
    accepted_gaps: tuple[str, ...] = Field(
        default=(),
        examples=[["prod:sys_audit"]],
        description="Gaps that are known and accepted: no exit code 3 for them",
    )

    @model_validator(mode="after")
    def _period_is_known(self) -> Self:
        try:
            Period(self.period, self.timezone)
        except ValueError as error:
            raise PydanticCustomError("period", "period {reason}", {"reason": str(error)}) from None
        return self

    @property
    def period_at(self) -> Period:
        """The period as a function of now: `period_at(now)` gives its two ends in UTC."""
        return Period(self.period, self.timezone)


class Report(_Section):
    """Where reports go."""

    path: Path = Field(default=Path("itsm-bridge-reports"), description="Folder of the reports")
    process: bool = Field(
        default=True, description="Reports show how the records really ran, for which the snapshot is read once more"
    )


class Schedule(_Section):
    """When `itsm-bridge schedule run` sweeps."""

    sweep: CronLine | None = Field(
        default=None, examples=["0 2 * * *"], description="Cron line: minute, hour, day of month, month, day of week"
    )
    timezone: Timezone | None = Field(
        default=None,
        examples=["Europe/Berlin"],
        description="Zone of the cron line; that of the assessment without one",
    )


class Privacy(_Section):
    """How people and texts become pseudonyms."""

    key: Secret | None = Field(
        default=None, examples=[{"env": "PRIVACY_KEY"}],
        description="Key of pseudonyms and hashes; without it one is made and kept in the store",
    )  # fmt: skip


class Config(_Section):
    """All settings; paths are absolute."""

    store: Store = Store()
    assessment: Assessment = Assessment()
    sources: dict[str, SerializeAsAny[SourceSettings]] = {}
    schedule: Schedule = Schedule()
    report: Report = Report()
    privacy: Privacy = Privacy()
    folder: Path = Field(description="Folder of the configuration file", exclude=True)
    file: Path = Field(description="The configuration file", exclude=True)

    @property
    def schedule_timezone(self) -> str:
        """Zone of the cron line."""
        return self.schedule.timezone or self.assessment.timezone


def with_absolute_paths(value: Any, folder: Path) -> Any:
    """Return a setting, or a model of settings, with all its paths taken from `folder`."""
    if isinstance(value, Path):
        return folder / value.expanduser()
    if isinstance(value, tuple):
        return tuple(with_absolute_paths(item, folder) for item in value)
    if isinstance(value, BaseModel):
        changed = {name: with_absolute_paths(getattr(value, name), folder) for name in type(value).model_fields}
        return value.model_copy(update=changed)
    return value
