"""The order of the stages, and nothing else: sync → check → report (design §1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from itsm_bridge import assess, criteria
from itsm_bridge.adapters.demo import to_serve_again
from itsm_bridge.errors import Unreachable, UsageError
from itsm_bridge.privacy import Privacy
from itsm_bridge.privacy_key import store_privacy
from itsm_bridge.progress import Progress, SilentProgress
from itsm_bridge.settings import require_sources
from itsm_bridge.store.damage import naming_damage
from itsm_bridge.store.manifests import Manifest
from itsm_bridge.store.reading import reading
from itsm_bridge.store.store import Store, no_store, open_existing

if TYPE_CHECKING:
    from itsm_bridge.criteria import Criteria
    from itsm_bridge.export import Format
    from itsm_bridge.plugins import Plugins
    from itsm_bridge.policy.lint import PolicyReport
    from itsm_bridge.remap import RemapReport
    from itsm_bridge.reports.view import AssessmentView
    from itsm_bridge.rights import Diagnosis
    from itsm_bridge.sampling import SamplingPlan
    from itsm_bridge.settings import Config
    from itsm_bridge.sync import SyncReport
    from itsm_bridge.verify import VerifyReport

P = ParamSpec("P")
R = TypeVar("R")


def _naming_damage(stage: Callable[Concatenate[Config, P], R]) -> Callable[Concatenate[Config, P], R]:
    """Let a stage that meets a damaged file of the store name it; what it then raises is StoreDamaged."""

    @wraps(stage)
    def named(config: Config, /, *args: P.args, **more: P.kwargs) -> R:
        with naming_damage(config.store.path):
            return stage(config, *args, **more)

    return named


@_naming_damage
def sync(
    config: Config, plugins: Plugins, *, full: bool = False, census: bool = False,
    sources: Sequence[str] | None = None, progress: Progress | None = None,
) -> SyncReport:  # fmt: skip
    """Read all sources and publish a snapshot; see `itsm_bridge.sync.sync`."""
    from itsm_bridge.sync import sync as run

    require_sources(config, plugins)
    told = progress or SilentProgress()
    try:
        return run(config, plugins.adapters, told, is_full=full, wants_census=census, only=sources)
    except Unreachable as error:
        error.hint = to_serve_again(config.file) or error.hint
        raise


@_naming_damage
def check(
    config: Config, plugins: Plugins, *, as_of: str | int | None = None, now: datetime | None = None,
    progress: Progress | None = None,
) -> AssessmentView:  # fmt: skip
    """Judge the last snapshot and publish the assessment; with `as_of`, judge an earlier one again.

    `as_of` is a snapshot's number or an instant. A snapshot that was judged before is judged with the checks,
    policy and time of then, must give the same, and nothing new is published.
    """
    store = open_existing(config.store.path)
    progress = progress or SilentProgress()
    privacy = partial(store_privacy, config, store)
    snapshot = _snapshot(store, as_of)
    stored = next((m for m in reversed(store.assessments()) if m.body["snapshot"] == snapshot.number), None)
    if as_of is not None and stored is not None:
        return _repeat(store, snapshot, stored, config.assessment.memory, progress, privacy)
    with store.lock("check"):
        checks = criteria.current_checks([*plugins.check_folders, *config.assessment.checks])
        kpis = criteria.current_kpis([*plugins.kpi_folders, *config.assessment.kpis])
        rules = criteria.current_constraints(config.assessment.constraints)
        columns, memory = assess.columns_judged(checks, kpis), config.assessment.memory
        with reading(store, snapshot, columns, memory=memory) as connection:
            judged_at = now or (snapshot.at if as_of is not None else datetime.now(UTC))
            span = assess.span_of(connection, judged_at)
            names = list(snapshot.body["sources"])
            today = criteria.current_criteria(config, checks, kpis, names, span, judged_at, rules)
            number = (store.assessments()[-1].number if store.assessments() else 0) + 1
            judged = assess.judge(store, snapshot, connection, today, number, progress, privacy)
        return assess.view_of(store, assess.publish(store, snapshot, today, judged, number), today)


def _repeat(
    store: Store, snapshot: Manifest, stored: Manifest, memory: str | None, progress: Progress,
    privacy: Callable[[], Privacy],
) -> AssessmentView:  # fmt: skip
    then = criteria.stored_criteria(store, stored, list(snapshot.body["sources"]))
    with reading(store, snapshot, assess.columns_judged(then.checks, then.kpis), memory=memory) as connection:
        judged = assess.judge(store, snapshot, connection, then, stored.number, progress, privacy)
    assess.require_same(store, stored, judged)
    return assess.view_of(store, stored, then)


def sweep(
    config: Config, plugins: Plugins, *, now: datetime | None = None, progress: Progress | None = None
) -> AssessmentView:
    """Sync, then check what it brought."""
    sync(config, plugins, progress=progress)
    return check(config, plugins, now=now, progress=progress)


@_naming_damage
def stored_view(config: Config, plugins: Plugins, *, assessment: int | None = None) -> AssessmentView:  # noqa: ARG001
    """Return an assessment that is in the store, the last one by default; nothing is judged again."""
    store = open_existing(config.store.path)
    chosen, then = _stored(store, assessment)
    return assess.view_of(store, chosen, then)


@_naming_damage
def sample(config: Config, /, *, assessment: int | None = None, **wanted: Any) -> SamplingPlan:
    """Draw the records of a stored assessment that people are to look at; see `itsm_bridge.sampling.draw`."""
    from itsm_bridge.sampling import draw

    store = open_existing(config.store.path)
    chosen, then = _stored(store, assessment)
    privacy = partial(store_privacy, config, store)
    return draw(store, chosen, then, privacy, memory=config.assessment.memory, **wanted)


def _stored(store: Store, assessment: int | None) -> tuple[Manifest, Criteria]:
    known = {manifest.number: manifest for manifest in store.assessments()}
    if not known:
        raise UsageError("the store holds no assessment yet", where=store.path, hint="Run `itsm-bridge check` first.")
    chosen = known.get(max(known) if assessment is None else assessment)
    if chosen is None:
        raise UsageError(f"there is no assessment {assessment}", where=store.path, hint=f"They go up to {max(known)}.")
    snapshot = store.snapshot(int(chosen.body["snapshot"]))
    return chosen, criteria.stored_criteria(store, chosen, list(snapshot.body["sources"]))


@_naming_damage
def remap(config: Config, plugins: Plugins, *, progress: Progress | None = None) -> RemapReport:
    """Apply the mapping as it is now to all that was ever read."""
    from itsm_bridge.remap import remap as run

    open_existing(config.store.path)
    return run(config, plugins.adapters, progress or SilentProgress())


@_naming_damage
def verify(config: Config) -> VerifyReport:
    """Recompute what the store must hold, and name what does not match."""
    from itsm_bridge.verify import verify as run

    report = run(open_existing(config.store.path))
    if not report.manifests and not report.tables and not report.problems:
        raise no_store(config.store.path)
    return report


@_naming_damage
def lint_policy(config: Config, plugins: Plugins, *, now: datetime | None = None) -> PolicyReport:
    """Return what is wrong in the policy folder, and what its missing parts cost; see `itsm_bridge.policy.lint`."""
    from itsm_bridge.policy_costs import lint_policy as run

    return run(config, plugins, now or datetime.now(UTC))


def doctor(config: Config, plugins: Plugins) -> tuple[Diagnosis, ...]:
    """Ask every source what the account may read, and what each missing right costs; see `itsm_bridge.rights`."""
    from itsm_bridge.rights import diagnose

    require_sources(config, plugins)
    diagnoses = diagnose(config, plugins.adapters, plugins.check_folders)
    for error in [each.error for each in diagnoses if isinstance(each.error, Unreachable)]:
        error.hint = to_serve_again(config.file) or error.hint
    return diagnoses


@_naming_damage
def export(
    config: Config,
    destination: Path,
    format: Format,  # noqa: A002  the word that people use
    tables: Sequence[str] | None = None,
    as_of: str | int | None = None,
) -> list[Path]:
    """Write canonical tables and findings as files."""
    from itsm_bridge.export import export as run

    store = open_existing(config.store.path)
    return run(store, destination, format, tables, _snapshot(store, as_of).number)


def _snapshot(store: Store, as_of: str | int | None) -> Manifest:
    if as_of is None or isinstance(as_of, int) or as_of.isdigit():
        return store.snapshot(None if as_of is None else int(as_of))
    return store.snapshot_at(as_of)
