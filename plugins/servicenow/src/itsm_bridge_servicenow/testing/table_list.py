"""The tables of the simulated instance: parent, label, fields.

A field's ending tells its type: `@` instant, `%` date, `~` duration, `#` integer, `?` boolean, `!` journal,
`>table` reference, nothing for a string.
"""

from __future__ import annotations

_TASK = """
number short_description description state# active? priority# impact# urgency# assignment_group>sys_user_group
assigned_to>sys_user opened_at@ opened_by>sys_user closed_at@ closed_by>sys_user close_notes work_start@ work_end@
expected_start@ due_date@ sla_due@ made_sla? approval approval_set@ upon_approval upon_reject escalation# parent>task
cmdb_ci>cmdb_ci business_service>cmdb_ci_service service_offering>service_offering company>core_company
location>cmn_location contact_type correlation_id correlation_display reassignment_count# business_duration~
calendar_duration~ time_worked~ watch_list comments! work_notes! sys_domain sys_tags
"""
_INCIDENT = """
caller_id>sys_user category subcategory severity# incident_state# hold_reason# resolved_at@ resolved_by>sys_user
close_code reopen_count# reopened_time@ reopened_by>sys_user problem_id>problem rfc>change_request
caused_by>change_request parent_incident>incident child_incidents# major_incident_state notify# business_stc#
calendar_stc# cause origin_table origin_id u_symptom knowledge? u_priority_confirmation? vendor u_manager>sys_user
"""
_PROBLEM = """
problem_state# known_error? workaround workaround_applied? cause_notes fix_notes resolution_code resolved_at@
resolved_by>sys_user confirmed_at@ first_reported_by_task>task duplicate_of>problem related_incidents#
rfc>change_request major_problem? category subcategory reopen_count# reopened_at@
reopened_by>sys_user review_outcome rca
"""
_CHANGE = """
type chg_model risk# risk_value risk_impact_analysis scope# category reason phase phase_state conflict_status
conflict_last_run@ start_date@ end_date@ requested_by>sys_user requested_by_date@ cab_required? cab_date%
cab_date_time@ cab_delegate>sys_user cab_recommendation justification implementation_plan backout_plan test_plan
change_plan outside_maintenance_schedule? unauthorized? production_system?
std_change_producer_version>std_change_producer_version on_hold? on_hold_reason on_hold_task close_code review_status#
review_date% review_comments is_bulk? u_major_impact?
"""
_RELEASE = """
release_type u_method u_deliverables u_acceptance_criteria u_acceptance_result u_accepted_on@ u_baseline u_baseline_on@
u_outcome u_measured_on@
"""
_CI = """
name short_description install_status# operational_status# environment used_for owned_by>sys_user managed_by>sys_user
support_group>sys_user_group assignment_group>sys_user_group change_control>sys_user_group discovery_source
last_discovered@ u_is_controlled? duplicate_of>cmdb_ci company>core_company asset asset_tag serial_number sys_class_path
"""
_APPROVER = """
sysapproval>task document_id source_table approver>sys_user state comments due_date@ expected_start@
group>sysapproval_group order# wf_activity approval_column approval_journal_column
"""
_TASK_SLA = """
task>task sla>contract_sla stage active? has_breached? start_time@ end_time@ planned_end_time@ original_breach_time@
duration~ business_duration~ percentage business_percentage time_left~ business_time_left~ pause_time@ pause_duration~
business_pause_duration~ schedule>cmn_schedule timezone
"""
_CONTRACT_SLA = """
name type target collection duration~ duration_type schedule>cmn_schedule schedule_source timezone timezone_source
start_condition pause_condition stop_condition reset_condition cancel_condition retroactive? set_start_to
service_commitment vendor>core_company active?
"""
_METRIC_INSTANCE = """
id>task table definition>metric_definition field field_value value start@ end@ duration~ business_duration~
calculation_complete?
"""
_CATALOGUE_ITEM = """
name short_description description active? category owner>sys_user delivery_time~ business_service>cmdb_ci_service
u_approval_required? u_instruction
"""
_USER = """
user_name name first_name last_name email title active? vip? department company>core_company location>cmn_location
manager>sys_user employee_number time_zone locked_out? internal_integration_user? web_service_access_only? source
"""

TABLES: dict[str, tuple[str, str, str]] = {
    "task": ("", "Task", _TASK),
    "incident": ("task", "Incident", _INCIDENT),
    "problem": ("task", "Problem", _PROBLEM),
    "change_request": ("task", "Change Request", _CHANGE),
    "change_task": (
        "task",
        "Change Task",
        "change_request>change_request change_task_type planned_start_date@ planned_end_date@ close_code",
    ),
    "planned_task": ("task", "Planned task", "start_date@ end_date@ duration~ percent_complete#"),
    "rm_release": ("planned_task", "Release", _RELEASE),
    "rm_m2m_release_task": ("", "Release item", "release>rm_release task>task"),
    "incident_task": ("task", "Incident Task", "incident>incident"),
    "problem_task": ("task", "Problem Task", "problem>problem"),
    "sc_request": ("task", "Request", "requested_for>sys_user request_state stage price special_instructions"),
    "sc_req_item": (
        "task",
        "Requested Item",
        "request>sc_request cat_item>sc_cat_item stage quantity# requested_for>sys_user order_guide price",
    ),
    "sc_task": ("task", "Catalog Task", "request_item>sc_req_item request>sc_request cat_item>sc_cat_item"),
    "sysapproval_group": ("task", "Group approval", ""),
    "sysapproval_approver": ("", "Approval", _APPROVER),
    "contract_sla": ("", "SLA Definition", _CONTRACT_SLA),
    "task_sla": ("", "Task SLA", _TASK_SLA),
    "cmn_schedule": ("", "Schedule", "name time_zone type description"),
    "sys_audit": (
        "",
        "Sys Audit",
        "tablename fieldname documentkey oldvalue newvalue user reason record_checkpoint# internal_checkpoint",
    ),
    "sys_audit_delete": ("", "Audit Deleted Record", "tablename documentkey display_value payload"),
    "sys_journal_field": ("", "Journal Entry", "element_id name element value"),
    "metric_definition": ("", "Metric Definition", "name table field type active?"),
    "metric_instance": (
        "",
        "Metric Instance",
        _METRIC_INSTANCE,
    ),
    "sys_user": ("", "User", _USER),
    "sys_user_group": (
        "",
        "Group",
        "name description type manager>sys_user parent>sys_user_group email vendor>core_company active?",
    ),
    "sys_user_grmember": ("", "Group Member", "user>sys_user group>sys_user_group scheduled?"),
    "core_company": ("", "Company", "name vendor? customer?"),
    "cmn_location": ("", "Location", "name city country"),
    "cmdb_ci": ("", "Configuration Item", _CI),
    "cmdb_ci_hardware": ("cmdb_ci", "Hardware", ""),
    "cmdb_ci_server": ("cmdb_ci_hardware", "Server", "os os_version ip_address ram# cpu_count#"),
    "cmdb_ci_netgear": ("cmdb_ci_hardware", "Network Gear", "ip_address"),
    "cmdb_ci_appl": ("cmdb_ci", "Application", "version"),
    "cmdb_ci_database": ("cmdb_ci", "Database", "version"),
    "cmdb_ci_service": ("cmdb_ci", "Service", "busines_criticality service_classification"),
    "service_offering": ("cmdb_ci_service", "Service Offering", "parent>cmdb_ci_service service_commitment"),
    "cmdb_rel_type": ("", "CI Relation Type", "name parent_descriptor child_descriptor"),
    "cmdb_rel_ci": ("", "CI Relationship", "parent>cmdb_ci child>cmdb_ci type>cmdb_rel_type"),
    "cmdb_ci_outage": (
        "",
        "Outage",
        "number cmdb_ci>cmdb_ci begin@ end@ type task_number>task duration~ short_description message",
    ),
    "task_ci": ("", "Affected CI", "task>task ci_item>cmdb_ci"),
    "task_cmdb_ci_service": ("", "Impacted Service", "task>task cmdb_ci_service>cmdb_ci_service"),
    "sc_cat_item": (
        "",
        "Catalog Item",
        _CATALOGUE_ITEM,
    ),
    "std_change_producer_version": (
        "",
        "Standard Change Template Version",
        "name version# std_change_producer approved_on@ approved_by>sys_user valid_to@ active?",
    ),
    "sys_choice": ("", "Choice", "name element value label language sequence# inactive? dependent_value"),
    "sys_dictionary": (
        "",
        "Dictionary Entry",
        "name element column_label internal_type reference mandatory? max_length# active? audit? attributes",
    ),
    "sys_db_object": ("", "Table", "name label super_class>sys_db_object"),
    "kb_knowledge": ("", "Knowledge", "number short_description workflow_state published% valid_to%"),
}

CREATED_ONLY = frozenset({"sys_audit", "sys_journal_field"})
"""Logs: their rows are written once, so they carry no update time."""

AUDITED = frozenset({
    "incident", "problem", "change_request", "change_task", "rm_release", "sc_request", "sc_req_item", "sc_task",
    "sysapproval_approver", "cmdb_ci_server", "cmdb_ci_service",
})  # fmt: skip
