"""People, groups, services, catalogue, configuration items (catalogue §2.2)."""

from __future__ import annotations

from itsm_bridge.schema import lifecycles as lists
from itsm_bridge.schema.model import (
    Table,
    choice,
    flag,
    identifier,
    instant,
    integer,
    label,
    real,
    reference,
    seconds,
    text,
)  # fmt: skip

PERSON = Table(
    "person",
    'A person or account, as a keyed pseudonym unless the source says people = "keep".',
    ("person_id",),
    (
        identifier("person_id", "Primary key"),
        identifier("source_id", "Source that knows the account", references="source"),
        label("source_key", "Native key, or its pseudonym", is_personal=True),
        label("login", "Login name, or its pseudonym", is_personal=True),
        choice("kind", "What kind of account", "agent", "customer", "system", "integration", "unknown"),
        flag("is_active", "The account may log in"),
        flag("is_shared", "More than one person uses the account"),
        reference("supplier_id", "supplier", "Supplier the person works for"),
    ),
)

SUPPORT_GROUP = Table(
    "support_group",
    "A team, or a body that approves.",
    ("support_group_id",),
    (
        identifier("support_group_id", "Primary key"),
        identifier("source_id", "Source that knows the group", references="source"),
        label("source_key", "Native key"),
        label("name", "Name"),
        choice("kind", "What the group is for", "team", "cab", "ecab", "approval"),
        integer("tier", "Support tier"),
        reference("supplier_id", "supplier", "Supplier that staffs the group"),
        flag("is_active", "In use"),
    ),
)

MEMBERSHIP = Table(
    "membership",
    "A person belongs to a group.",
    ("membership_id",),
    (
        identifier("membership_id", "Primary key", capability="membership"),
        identifier("source_id", "Source that knows it", references="source"),
        identifier("person_id", "The person", references="person", capability="membership"),
        identifier("support_group_id", "The group", references="support_group", capability="membership"),
        instant("valid_from", "Start; empty when the tool keeps none"),
        instant("valid_to", "End; empty when the tool keeps none"),
    ),
)

SERVICE = Table(
    "service",
    "A service, and whether the management system covers it.",
    ("service_id",),
    (
        identifier("service_id", "Primary key"),
        identifier("source_id", "Source that knows it", references="source"),
        label("source_key", "Native key"),
        label("name", "Name"),
        label("status", "Status in the tool's own words"),
        integer("criticality", "Criticality, 1 is highest", unit="rank"),
        reference("owner_id", "person", "Owner"),
        flag("is_in_scope", "Covered by the management system"),
        flag("is_in_catalogue", "Shown in the catalogue"),
        *text("description", "Description"),
        flag("has_documented_dependencies", "Dependencies are documented"),
        real("availability_target", "Availability target", unit="0–1"),
        flag("is_continuity_required", "A continuity plan is required"),
    ),
)

CATALOGUE_ITEM = Table(
    "catalogue_item",
    "Something that can be ordered.",
    ("catalogue_item_id",),
    (
        identifier("catalogue_item_id", "Primary key"),
        identifier("source_id", "Source that knows it", references="source"),
        label("source_key", "Native key"),
        reference("service_id", "service", "Service it belongs to"),
        label("name", "Name"),
        flag("is_active", "Can be ordered"),
        flag("is_approval_required", "Needs an approval before fulfilment"),
        label("instruction_reference", "Fulfilment instructions"),
        flag("is_standard_change", "Stands for a pre-authorised change"),
        seconds("fulfilment_target_seconds", "Time in which it is to be fulfilled"),
    ),
)

CONFIGURATION_ITEM = Table(
    "configuration_item",
    "A configuration item with its mandatory information.",
    ("configuration_item_id",),
    (
        identifier("configuration_item_id", "Primary key"),
        identifier("source_id", "Source that knows it", references="source"),
        label("source_key", "Native key"),
        label("name", "Name"),
        label("configuration_item_type", "Type"),
        *text("description", "Description"),
        choice("status", "Status", "planned", "in_use", "in_maintenance", "retired", "unknown"),
        label("source_status", "Status in the tool's own words"),
        instant("status_since", "Since when"),
        label("environment", "Environment"),
        integer("criticality", "Criticality, 1 is highest", unit="rank"),
        reference("owner_id", "person", "Owner"),
        flag("is_in_scope", "Covered by the management system"),
        instant("last_verified_at", "Last verified or discovered"),
        instant("updated_at", "Last change in the tool"),
    ),
)

CONFIGURATION_ITEM_RELATION = Table(
    "configuration_item_relation",
    "A relationship between two configuration items.",
    ("relation_id",),
    (
        identifier("relation_id", "Primary key"),
        identifier("source_id", "Source that knows it", references="source"),
        identifier("from_id", "From", references="configuration_item"),
        identifier("to_id", "To", references="configuration_item"),
        label("relation_type", "Meaning in the tool's own words"),
    ),
)

CONFIGURATION_ITEM_EVENT = Table(
    "configuration_item_event",
    "One change of one field of a configuration item.",
    ("event_id",),
    (
        identifier("event_id", "Primary key", capability="ci.history"),
        identifier("source_id", "Source that knows it", references="source"),
        identifier("configuration_item_id", "The item", references="configuration_item", capability="ci.history"),
        instant("at", "When", capability="ci.history"),
        reference("actor_id", "person", "Who"),
        choice("actor_kind", "What kind of actor", *lists.ACTOR_KINDS),
        label("field", "Field in the tool's own words"),
        label("old_value", "Value before"),
        label("new_value", "Value after"),
        reference("work_item_id", "work_item", "Record to which the change is attributed"),
    ),
)

CHANGE_TEMPLATE = Table(
    "change_template",
    "A template that pre-authorises standard changes.",
    ("change_template_id",),
    (
        identifier("change_template_id", "Primary key"),
        identifier("source_id", "Source that knows it", references="source"),
        label("name", "Name"),
        instant("approved_at", "When it was approved"),
        reference("approved_by_id", "person", "Who approved it"),
        instant("valid_to", "End of validity"),
    ),
)

TABLES = (
    PERSON, SUPPORT_GROUP, MEMBERSHIP, SERVICE, CATALOGUE_ITEM, CONFIGURATION_ITEM, CONFIGURATION_ITEM_RELATION,
    CONFIGURATION_ITEM_EVENT, CHANGE_TEMPLATE,
)  # fmt: skip
