"""May the account read Assets, and which attributes of its objects show what: both whole, before anything is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from itsm_bridge.adapter import Access
from itsm_bridge.errors import AuthenticationFailed, BadAnswer, PermissionDenied
from itsm_bridge_jira_sm.access import DESK, closed, grant_for
from itsm_bridge_jira_sm.assets import ASSET, COLUMNS, RELATION, Assets, Schema
from itsm_bridge_jira_sm.session import Site

SEE_SCHEMAS = "role Object Schema User in the object schemas of Assets"
SCOPES = "read:cmdb-schema:jira, read:cmdb-attribute:jira and read:cmdb-object:jira"
_NO_ASSETS = "the site has no Assets"


@dataclass(frozen=True, slots=True)
class SeenAssets:
    """The access to the streams of Assets, and what nothing decides."""

    access: Mapping[str, Access] = field(default_factory=dict)
    problems: Sequence[str] = ()


def look_at_assets(site: Site, named: Mapping[str, str], wanted: Mapping[str, Sequence[str]]) -> SeenAssets:
    """Ask for the object schemas and their attributes, where the streams are to be read."""
    streams = [stream for stream in (ASSET, RELATION) if stream in wanted]
    if not streams:
        return SeenAssets()
    scope = DESK
    try:
        assets = Assets(site, named)
        if not assets.has_workspace():
            return SeenAssets({one: Access(one, False, reason=_NO_ASSETS, exists=False) for one in streams})
        scope = SCOPES
        schemas = tuple(assets.schemas())
        assets.look_at_one_page(schemas)
    except (PermissionDenied, AuthenticationFailed) as error:
        grant = grant_for(site, error, SEE_SCHEMAS, scope)
        return SeenAssets({one: closed(one, error.message, grant) for one in streams})
    except BadAnswer as error:
        if "status 404" in error.message:
            return SeenAssets({one: Access(one, False, reason=_NO_ASSETS, exists=False) for one in streams})
        remedy = "Run it again; if it persists, leave this stream out."
        return SeenAssets({one: Access(one, False, reason=error.message, remedy=remedy) for one in streams})
    return SeenAssets({one: _access(one, schemas, wanted[one]) for one in streams}, tuple(_problems(schemas, named)))


def _access(stream: str, schemas: Sequence[Schema], wanted: Sequence[str]) -> Access:
    if not schemas:
        reason = "no object schema shows to the account"
        return Access(stream, True, 0, reason=reason, remedy=f"Ask for the {SEE_SCHEMAS}, if there are any.")
    if stream != ASSET:
        return Access(stream, True)
    rows = [schema.rows for schema in schemas]
    chosen = {COLUMNS[purpose] for schema in schemas for purpose in schema.chosen}
    missing = tuple(name for name in wanted if name in COLUMNS.values() and name not in chosen)
    undecided = {COLUMNS[purpose] for schema in schemas for purpose in schema.undecided}
    count = None if None in rows else sum(row for row in rows if row is not None)
    absent = tuple(name for name in missing if name not in undecided)
    remedy = "Say in `asset_attributes` of this source which attribute is meant." if missing else ""
    return Access(stream, True, count, missing_fields=missing, absent_fields=absent, remedy=remedy)


def _problems(schemas: Sequence[Schema], named: Mapping[str, str]) -> list[str]:
    found = [
        f"In the object schema {schema.name}, {purpose} may be any of {', '.join(names)}: say in `asset_attributes` of "
        "this source which is meant."
        for schema in schemas for purpose, names in schema.undecided.items()
    ]  # fmt: skip
    lost = (purpose for purpose in named if schemas and not any(purpose in schema.chosen for schema in schemas))
    return found + [
        f"No object schema has an attribute {named[purpose]} that can be the {purpose}." for purpose in lost
    ]
