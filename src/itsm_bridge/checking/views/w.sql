-- Every record in scope with its details, its service, and what history, approvals and policy say about it in one row.
-- rows can be told without service
-- first_event_at can be told without transition
-- last_event_at can be told without transition
-- implemented_at can be told without change_detail.actual_start_at
-- needs_approval can be told without catalogue_item
SELECT
  i.work_item_id, i.source_id, i.record_type, i.source_record_type, i.state, i.source_state, i.state_reason, i.priority,
  i.source_priority, i.impact, i.urgency, i.has_priority_override, i.category, i.subcategory, i.channel, i.requester_id,
  i.opened_by_id, i.assignee_id, i.support_group_id, i.resolved_by_id, i.closed_by_id, i.occurred_at, i.opened_at,
  i.created_at, i.resolved_at, i.closed_at, i.updated_at, i.due_at, i.resolution_code, i.source_resolution_code,
  i.title_length, i.description_length, i.resolution_length, i.reopen_claimed, i.reassignment_claimed, i.is_major,
  i.major_declared_at, i.major_manager_id, i.is_security, i.service_id, i.configuration_item_id, i.catalogue_item_id,
  i.parent_id, i.is_approval_required, i.supplier_reference, i.knowledge_reference, i.satisfaction_score,
  i.satisfaction_at, i.mapping_confidence,
  COALESCE(i.history_level, ho.level, ha.level, 'full') AS history_level,
  i.first_response_at AS stated_first_response_at, COALESCE(i.first_response_at, fr.at) AS first_response_at,
  CASE
    WHEN am.at IS NULL THEN COALESCE(i.first_response_at, fr.at)
    WHEN COALESCE(i.first_response_at, fr.at) < am.at THEN COALESCE(i.first_response_at, fr.at)
    ELSE am.at
  END AS acknowledged_at,
  COALESCE(wt.pending_seconds, 0) AS pending_seconds,
  c.change_type, c.change_category, c.risk, c.is_major_impact, c.justification_length, c.implementation_plan_length,
  c.backout_plan_length, c.test_plan_length, c.test_result, c.change_template_id, c.is_cab_required, c.planned_start_at,
  c.planned_end_at, c.actual_start_at, c.actual_end_at, c.outcome, c.source_outcome, c.is_backed_out, c.reviewed_at,
  c.review_length, c.communicated_at, c.freeze_exemption_reference, c.is_conflict_acknowledged, c.changes_configuration,
  p.origin AS problem_origin, p.root_cause_length, p.root_cause_at, p.workaround_length, p.is_known_error,
  p.known_error_at, p.fix_type,
  rl.deployed_at, rl.outcome AS release_outcome,
  sg.tier AS support_tier,
  sv.criticality AS service_criticality, sv.is_continuity_required,
  CASE
    WHEN ss.first_implement_at IS NULL THEN c.actual_start_at
    WHEN c.actual_start_at < ss.first_implement_at THEN c.actual_start_at
    ELSE ss.first_implement_at
  END AS implemented_at,
  im.actor_id AS implementer_id,
  ss.first_implement_at, ss.first_assess_at, ss.first_in_progress_at, ss.first_review_at, ss.last_settled_at,
  ss.first_settled_at, ss.last_state, ss.closed_from_state, ss.reopen_count, ss.break_count,
  es.first_event_at, es.last_event_at, rk.first_risk_at,
  COALESCE(gh.handoff_count, 0) AS handoff_count, COALESCE(gh.return_count, 0) AS return_count,
  la.at AS last_activity_at, la.unattributed_at AS last_unattributed_at,
  COALESCE(ds.authorisations, 0) AS authorisations, COALESCE(ds.undated_authorisations, 0) AS undated_authorisations,
  ds.authorised_at, COALESCE(ds.any_authorisations, 0) AS any_authorisations,
  COALESCE(ds.undated_any_authorisations, 0) AS undated_any_authorisations, ds.any_authorised_at,
  ds.technical_approved_at,
  COALESCE(rd.request_approvals, 0) AS request_approvals, rd.request_approved_at,
  COALESCE(rd.undated_request_approvals, 0) AS undated_request_approvals,
  COALESCE(i.is_approval_required, FALSE) OR COALESCE(ct.is_approval_required, FALSE) AS needs_approval,
  i.configuration_item_id IS NOT NULL OR ln.work_item_id IS NOT NULL AS is_linked_to_item,
  COALESCE(ck.response_clocks, 0) AS response_clocks, COALESCE(ck.unnamed_clocks, 0) AS unnamed_clocks,
  COALESCE(mo.cells, ma.cells) AS matrix_cells, COALESCE(xo.priority, xa.priority) AS matrix_priority,
  COALESCE(tr.limit_seconds, tra.limit_seconds) AS response_limit_seconds,
  COALESCE(ts.limit_seconds, tsa.limit_seconds) AS stale_limit_seconds
FROM work_item AS i
LEFT JOIN service AS sv ON sv.service_id = i.service_id
LEFT JOIN change_detail AS c ON c.work_item_id = i.work_item_id
LEFT JOIN problem_detail AS p ON p.work_item_id = i.work_item_id
LEFT JOIN release_detail AS rl ON rl.work_item_id = i.work_item_id
LEFT JOIN support_group AS sg ON sg.support_group_id = i.support_group_id
LEFT JOIN state_summary AS ss ON ss.work_item_id = i.work_item_id
LEFT JOIN implementer AS im ON im.work_item_id = i.work_item_id
LEFT JOIN event_summary AS es ON es.work_item_id = i.work_item_id
LEFT JOIN risk_event AS rk ON rk.work_item_id = i.work_item_id
LEFT JOIN group_handoff AS gh ON gh.work_item_id = i.work_item_id
LEFT JOIN first_response AS fr ON fr.work_item_id = i.work_item_id
LEFT JOIN first_move AS am ON am.work_item_id = i.work_item_id
LEFT JOIN waiting AS wt ON wt.work_item_id = i.work_item_id
LEFT JOIN last_activity AS la ON la.work_item_id = i.work_item_id
LEFT JOIN decision_summary AS ds ON ds.work_item_id = i.work_item_id
LEFT JOIN request_decision AS rd ON rd.work_item_id = i.work_item_id
LEFT JOIN catalogue_item AS ct ON ct.catalogue_item_id = i.catalogue_item_id
LEFT JOIN clock_summary AS ck ON ck.work_item_id = i.work_item_id
LEFT JOIN linked_record AS ln ON ln.work_item_id = i.work_item_id
LEFT JOIN matrix_size AS mo ON mo.source_id = i.source_id AND mo.record_type = i.record_type
LEFT JOIN matrix_size AS ma ON ma.source_id = '' AND ma.record_type = i.record_type
LEFT JOIN matrix_cell AS xo
  ON xo.source_id = i.source_id AND xo.record_type = i.record_type AND xo.impact = i.impact AND xo.urgency = i.urgency
LEFT JOIN matrix_cell AS xa
  ON xa.source_id = '' AND xa.record_type = i.record_type AND xa.impact = i.impact AND xa.urgency = i.urgency
LEFT JOIN target_limit AS tr
  ON tr.metric = 'response' AND tr.record_type = i.record_type AND tr.priority = i.priority
LEFT JOIN target_limit AS tra
  ON tra.metric = 'response' AND tra.record_type = i.record_type AND tra.priority = 0
LEFT JOIN target_limit AS ts
  ON ts.metric = 'stale' AND ts.record_type = i.record_type AND ts.priority = i.priority
LEFT JOIN target_limit AS tsa
  ON tsa.metric = 'stale' AND tsa.record_type = i.record_type AND tsa.priority = 0
LEFT JOIN history_kept AS ho ON ho.source_id = i.source_id AND ho.record_type = i.record_type
LEFT JOIN history_kept AS ha ON ha.source_id = i.source_id AND ha.record_type = '*'
WHERE COALESCE(sv.is_in_scope, TRUE)
