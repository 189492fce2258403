"""What the company runs and offers: services, configuration items, catalogue, templates, service levels."""

from __future__ import annotations

from random import Random

from itsm_bridge_servicenow.testing.company.schedule import SCHEDULE_BUSINESS, SCHEDULE_NAME
from itsm_bridge_servicenow.testing.company.words import REQUESTS
from itsm_bridge_servicenow.testing.records import DAY, HOUR, MINUTE, Row, Tables, reference_row, stamp, sys_id
from itsm_bridge_servicenow.testing.records import duration as length

SERVICES = (
    "Workplace", "E-Mail", "ERP", "Web Shop", "Identity", "Network", "File Storage", "Telephony", "Printing",
    "Data Warehouse", "Customer Portal", "Backup",
)  # fmt: skip
_CLASSES = ("cmdb_ci_server", "cmdb_ci_netgear", "cmdb_ci_appl", "cmdb_ci_database")
NEEDS_APPROVAL = frozenset({"New laptop", "Software licence", "Mobile phone", "Database access"})
TEMPLATES = ("Restart application node", "Renew certificate", "Add firewall object", "Monthly patch round")
LAPSED, RETIRED, UNTENDED = "Old patch round", "retired-file-server", "forgotten-server"
"""A template that is no longer valid, and items that good work does not touch."""

GOALS = {
    "response": {1: 15 * MINUTE, 2: 30 * MINUTE, 3: 4 * HOUR, 4: 8 * HOUR},
    "resolution": {1: 4 * HOUR, 2: 8 * HOUR, 3: 20 * HOUR, 4: 50 * HOUR, 5: 100 * HOUR},
}
REQUEST_GOAL = 60 * HOUR
CARRIER_GOALS = {3: 16 * HOUR, 4: 45 * HOUR}
_ROUND_THE_CLOCK = (1, 2)


def estate(random: Random, born: int, now: int, owners: list[str], approver: str) -> Tables:
    """Return services, items and their relations, the catalogue, change templates, schedules and SLA definitions."""
    services = [_service(name, rank, owners, born) for rank, name in enumerate(SERVICES)]
    items = {name: [] for name in _CLASSES}  # type: dict[str, list[Row]]
    relations: list[Row] = []
    depends = reference_row("cmdb_rel_type", "Depends on::Used by", born, name="Depends on::Used by")
    for service in services:
        for number in range(12):
            item = _item(random, service, number, owners, born) | {"last_discovered": stamp(now - DAY)}
            items[item["sys_class_name"]].append(item)
            pair = {"parent": service["sys_id"], "child": item["sys_id"], "type": depends["sys_id"]}
            relations.append(reference_row("cmdb_rel_ci", f"{service['name']}/{number}", born, **pair))
    for name in (RETIRED, UNTENDED):
        lonely = _lonely(name, owners[0], born, now)
        pair = {"parent": items["cmdb_ci_server"][0]["sys_id"], "child": lonely["sys_id"], "type": depends["sys_id"]}
        items["cmdb_ci_server"].append(lonely)
        relations.append(reference_row("cmdb_rel_ci", name, born, **pair))
    return {
        "cmdb_ci_service": services,
        "service_offering": [_offering(service, born) for service in services],
        **items,
        "cmdb_rel_type": [depends],
        "cmdb_rel_ci": relations,
        "sc_cat_item": [_catalogue_item(name, services[0], born) for name in REQUESTS],
        "std_change_producer_version": [_template(name, approver, born) for name in (*TEMPLATES, LAPSED)],
        "cmn_schedule": [_schedule(born)],
        "contract_sla": _definitions(born) + [_promise(service, born) for service in services],
        "metric_definition": [_metric(born)],
    }


def _service(name: str, rank: int, owners: list[str], born: int) -> Row:
    return reference_row(
        "cmdb_ci_service", name, born, name=name, sys_class_name="cmdb_ci_service", operational_status="1",
        install_status="1", owned_by=owners[rank % len(owners)], busines_criticality=_CRITICALITY[rank // 4],
        short_description=f"{name} for all employees and partners", asset_tag=f"SVC{rank:04}",
        u_is_controlled="false",
    )  # fmt: skip


def _offering(service: Row, born: int) -> Row:
    name = f"{service['name']} Standard"
    return reference_row(
        "service_offering", name, born, name=name, sys_class_name="service_offering", parent=service["sys_id"],
        operational_status="1", install_status="1", owned_by=service["owned_by"], short_description=f"Offer: {name}",
        u_is_controlled="false",
    )  # fmt: skip


def _item(random: Random, service: Row, number: int, owners: list[str], born: int) -> Row:
    kind = _CLASSES[number % len(_CLASSES)]
    name = f"{service['name'].lower().replace(' ', '-')}-{kind.split('_')[-1]}-{number:02}"
    return reference_row(
        kind, name, born, name=name, sys_class_name=kind, operational_status="1", install_status="1",
        environment=random.choice(("Production", "Production", "Test")), owned_by=random.choice(owners),
        short_description=f"{kind.split('_')[-1].capitalize()} of {service['name']}", asset_tag=f"CI-{name}",
        discovery_source="ServiceNow", u_is_controlled="true",
    )  # fmt: skip


def _lonely(name: str, owner: str, born: int, now: int) -> Row:
    return reference_row(
        "cmdb_ci_server", name, born, name=name, sys_class_name="cmdb_ci_server", environment="Production",
        operational_status="1", install_status="7" if name == RETIRED else "1", owned_by=owner, u_is_controlled="true",
        short_description="Server of the old data centre", asset_tag=f"CI-{name}", discovery_source="ServiceNow",
        last_discovered=stamp(now - DAY),
    )  # fmt: skip


def _catalogue_item(name: str, service: Row, born: int) -> Row:
    return reference_row(
        "sc_cat_item", name, born, name=name, short_description=name, active="true", category="services",
        delivery_time=length(REQUEST_GOAL), business_service=service["sys_id"], u_instruction=f"KB: {name}",
        u_approval_required="true" if name in NEEDS_APPROVAL else "false",
    )  # fmt: skip


_CRITICALITY = ("1 - most critical", "2 - somewhat critical", "3 - less critical", "4 - not critical")


def _template(name: str, approver: str, born: int) -> Row:
    return reference_row(
        "std_change_producer_version", name, born, name=f"{name} - 1", version="1", std_change_producer=sys_id(name),
        approved_on=stamp(born), approved_by=approver, active="true",
        valid_to=stamp(born + DAY) if name == LAPSED else "",
    )  # fmt: skip


def _schedule(born: int) -> Row:
    row = reference_row("cmn_schedule", "business", born, name=SCHEDULE_NAME, time_zone="Europe/Berlin")
    return {**row, "sys_id": SCHEDULE_BUSINESS}


def _definitions(born: int) -> list[Row]:
    rows = [
        _definition(f"Priority {priority} {target}", "incident", target, goal, priority, born)
        for target, goals in GOALS.items()
        for priority, goal in goals.items()
    ]
    rows.append(_definition("Request fulfilment", "sc_req_item", "resolution", REQUEST_GOAL, 0, born))
    rows += [
        _definition(f"Carrier priority {priority}", "incident", "resolution", goal, priority, born)
        | {"type": "Underpinning contract"}
        for priority, goal in CARRIER_GOALS.items()
    ]
    return rows


def _promise(service: Row, born: int) -> Row:
    """Return the target that one service has of its own; no clock runs for it."""
    row = _definition(f"{service['name']} restored", "incident", "resolution", GOALS["resolution"][3], 0, born)
    return row | {"start_condition": f"business_service={service['sys_id']}^EQ"}


def _definition(name: str, table: str, target: str, goal: int, priority: int, born: int) -> Row:
    condition = f"active=true^priority={priority}^EQ" if priority else "active=true^EQ"
    pending = "state=3^EQ" if table == "incident" else "state=-5^EQ"
    return reference_row(
        "contract_sla", name, born, name=name, type="SLA", target=target, collection=table, duration=length(goal),
        schedule="" if priority in _ROUND_THE_CLOCK else SCHEDULE_BUSINESS, schedule_source="sla_definition",
        timezone="Europe/Berlin", timezone_source="sla.timezone", start_condition=condition, pause_condition=pending,
        stop_condition="stateIN6,7^EQ" if target == "resolution" else "commentsISNOTEMPTY^EQ", retroactive="true",
        set_start_to="opened_at", active="true",
    )  # fmt: skip


def _metric(born: int) -> Row:
    return reference_row(
        "metric_definition", "Incident State Duration", born, name="Incident State Duration", table="incident",
        field="incident_state", type="field_value_duration", active="true",
    )  # fmt: skip
