"""Sentences of a report: the headline, what it rests on, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from itsm_bridge.assessment.gaps import Gap
from itsm_bridge.reports.lines import Change, CheckLine, ClauseLine, SourceLine
from itsm_bridge.reports.words import plural

_MOST = 3


def headline(leaves: Mapping[str, int]) -> str:
    """Return the verdict in one sentence; `leaves` counts leaf clauses by conclusion."""
    total = sum(leaves.values())
    assessed = total - leaves["not_assessed"] - leaves.get("not_applicable", 0)
    wrong = {name: leaves[name] for name in ("major", "minor") if leaves[name]}
    if wrong:
        kinds = ", ".join(f"{number} {name}" for name, number in wrong.items())
        return f"Nonconformities in {sum(wrong.values())} of {plural(assessed, 'clause')} assessed: {kinds}"
    if not assessed:
        return "Nothing could be assessed"
    return f"No nonconformity found in the {assessed} of {total} clauses that could be assessed"


def summary(leaves: Mapping[str, int], sources: Sequence[SourceLine], gaps: Sequence[Gap]) -> str:
    """Return what the verdict rests on, in a sentence or two."""
    total, blank = sum(leaves.values()), leaves["not_assessed"]
    complete = sum(source.complete for source in sources)
    asked = sum(len(source.asked) for source in sources)
    words = f"{blank} of {total} clauses are not assessed. "
    words += f"{complete} of {plural(asked, 'stream')} came completely." if asked else "No stream was read."
    unexpected = [gap for gap in gaps if not gap.is_accepted]
    if unexpected:
        words += f" The assessment is incomplete: {plural(len(unexpected), 'gap')} that nobody accepted."
    return words


def next_steps(
    gaps: Sequence[Gap], checks: Sequence[CheckLine], clauses: Sequence[ClauseLine], change: Change
) -> tuple[str, ...]:
    """Return what a person should do next, most pressing first."""
    steps = []
    open_gaps = [gap for gap in gaps if not gap.is_accepted]
    if open_gaps:
        names = ", ".join(gap.name for gap in open_gaps[:_MOST])
        more = f" and {len(open_gaps) - _MOST} more" if len(open_gaps) > _MOST else ""
        steps.append(
            f"Close the gaps ({names}{more}): `itsm-bridge doctor` says which right is missing; "
            "then sweep again, or name them in accepted_gaps."
        )
    failing = [line for line in checks if line.overall.failing and line.severity != "ofi"]
    steps += [f"{line.check.id}: {line.check.remedy}" for line in failing[:_MOST] if line.check.remedy]
    loose = [line for line in checks if not line.is_adopted]
    if loose:
        steps.append(
            f"Decide which of {plural(len(loose), 'rule')} not adopted yet the organisation makes its own "
            "(adopted.toml in the policy folder); until then they are opportunities for improvement."
        )
    leaves = [line for line in clauses if line.is_leaf]
    points = [point for line in leaves for point in line.requirement]
    person = sum(point.evidence == "attestation" and point.state != "evidenced" for point in points)
    if person:
        steps.append(f"Have people attest what no record shows: {person} of {len(points)} requirement points.")
    unshown = sum(point.state != "evidenced" for point in points)
    if unshown:
        steps.append(f"Close what is not evidenced: {unshown} of {len(points)} points; `itsm-bridge gap` says how.")
    if change.unverified:
        steps.append(f"Look again at {plural(change.unverified, 'finding')} that could not be verified this time.")
    steps.append("Confirm or correct the proposed conclusions: a tool never certifies.")
    return tuple(steps)
