-- Every record in scope with its details, its service, and what history, approvals and policy say about it in one row.
-- rows can be told without service
-- first_event_at can be told without transition
-- last_event_at can be told without transition
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
  rl.deployed_at, rl.outcome AS release_outcome, rl.release_type, rl.planned_deploy_at, rl.method_length,
  rl.deliverables_length, rl.acceptance_length, rl.acceptance_result, rl.accepted_at, rl.baseline_reference,
  rl.baseline_at, rl.measured_at,
  CASE
    WHEN CAST(FLOOR(EPOCH(rl.deployed_at)) AS BIGINT) % 86400 = 0 THEN rl.deployed_at + INTERVAL '1' DAY
    ELSE rl.deployed_at
  END AS deployed_before,
  COALESCE(rlc.changes, 0) AS release_changes, COALESCE(rlc.unauthorised_changes, 0) AS unauthorised_changes,
  COALESCE(rlc.undated_changes, 0) AS undated_changes, rlc.last_authorised_at, rlc.last_doubtful_at,
  rla.approved_at AS release_approved_at, COALESCE(rla.undated_approvals, 0) AS undated_release_approvals,
  COALESCE(tpr.reports, 0) AS transition_reports, tpr.report_due_at, ctr.retested_at,
  rtf.followed_at, rtf.unclear_at AS unclear_followup_at, COALESCE(rtf.undated_followups, 0) AS undated_followups,
  sg.tier AS support_tier,
  sv.criticality AS service_criticality, sv.is_continuity_required,
  mp.implemented_at,
  kt.approved_at AS template_approved_at, kt.valid_to AS template_valid_to, kt.name AS template,
  fz.freeze, COALESCE(fz.freezes, 0) AS freezes, COALESCE(fz.unclear_freezes, 0) AS unclear_freezes,
  COALESCE(ov.overlap_items, 0) AS overlap_items, ov.overlap_item,
  pd.dates_set_at, pe.plan_edited_at, pe.terms_edited_at, sa.approved_for_start_at, sa.approved_after_start_at,
  COALESCE(fu.followups, 0) AS followups, COALESCE(fu.inquiries, 0) AS inquiries,
  COALESCE(cr.release_acceptance_length, 0) AS release_acceptance_length,
  hs.source_id IS NOT NULL OR hx.source_id IS NOT NULL AS has_authorities,
  im.actor_id AS implementer_id,
  ss.first_implement_at, ss.first_assess_at, ss.first_in_progress_at, ss.first_review_at, ss.last_settled_at,
  ss.first_settled_at, ss.last_state, ss.closed_from_state, ss.reopen_count, ss.break_count,
  ss.settling_recorded_at, ss.closing_recorded_at, ed.edited_at AS protected_edit_at, ed.field AS protected_edit_field,
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
  COALESCE(ck.resolution_clocks, 0) AS resolution_clocks, ck.resolution_cycles,
  COALESCE(ss.revival_count, 0) AS revival_count,
  COALESCE(av.votes, 0) AS authorising_votes, COALESCE(av.in_house_votes, 0) AS in_house_votes,
  COALESCE(av.anonymous_votes, 0) AS anonymous_votes,
  pc.cause_found_at, pc.was_known_error, COALESCE(pr.linked_incidents, 0) AS linked_incidents,
  COALESCE(fc.changes, 0) AS fixing_changes, COALESCE(fc.unclear_changes, 0) AS unclear_fixing_changes,
  fc.fixed_at AS fixed_by_change_at, rc.recurrences, rc.linked_recurrences, rc.successors,
  esc.escalated_at, rqc.contact_at, rqc.perhaps_contact_at, rqc.notice_at,
  COALESCE(chi.incidents, 0) AS child_incidents, COALESCE(mjr.refusals, 0) AS major_refusals,
  mgn.told_at AS management_told_at, COALESCE(mgn.undated_notices, 0) AS undated_notices,
  irv.major_reviewed_at, irv.security_reviewed_at,
  cso.source_id IS NOT NULL AS has_catalogue,
  rqr.refused_at, rqr.reapproved_at, COALESCE(rqr.undated_refusals, 0) AS undated_refusals,
  COALESCE(rqr.undated_approvals, 0) AS undated_reapprovals,
  COALESCE(rqv.votes, 0) AS request_votes, COALESCE(rqv.others_votes, 0) AS others_votes,
  COALESCE(rqv.outside_votes, 0) AS outside_votes, COALESCE(rqv.anonymous_votes, 0) AS anonymous_request_votes,
  COALESCE(opt.parts, 0) AS parts, COALESCE(opt.unfinished_parts, 0) AS unfinished_parts,
  COALESCE(opt.undated_parts, 0) AS undated_parts, opt.last_part_at,
  COALESCE(rie.edits, 0) AS item_edits, rie.item AS edited_item, rie.field AS edited_field,
  COALESCE(rie.unscoped_edits, 0) AS unscoped_edits, COALESCE(rie.linked_changes, 0) AS linked_changes,
  ct.is_standard_change,
  COALESCE(tc.limit_seconds, tca.limit_seconds) AS cause_limit_seconds,
  COALESCE(mo.cells, ma.cells) AS matrix_cells, COALESCE(xo.priority, xa.priority) AS matrix_priority,
  COALESCE(tr.limit_seconds, tra.limit_seconds) AS response_limit_seconds,
  COALESCE(ts.limit_seconds, tsa.limit_seconds) AS stale_limit_seconds
FROM work_item AS i
LEFT JOIN known_service AS sv ON sv.service_id = i.service_id
LEFT JOIN change_detail AS c ON c.work_item_id = i.work_item_id
LEFT JOIN problem_detail AS p ON p.work_item_id = i.work_item_id
LEFT JOIN release_detail AS rl ON rl.work_item_id = i.work_item_id
LEFT JOIN release_change AS rlc ON rlc.work_item_id = i.work_item_id
LEFT JOIN release_approval AS rla ON rla.work_item_id = i.work_item_id
LEFT JOIN transition_report AS tpr ON tpr.work_item_id = i.work_item_id
LEFT JOIN continuity_retest AS ctr ON ctr.work_item_id = i.work_item_id
LEFT JOIN rating_followup AS rtf ON rtf.work_item_id = i.work_item_id
LEFT JOIN known_group AS sg ON sg.support_group_id = i.support_group_id
LEFT JOIN state_summary AS ss ON ss.work_item_id = i.work_item_id
LEFT JOIN implementer AS im ON im.work_item_id = i.work_item_id
LEFT JOIN implementation AS mp ON mp.work_item_id = i.work_item_id
LEFT JOIN known_template AS kt ON kt.change_template_id = c.change_template_id
LEFT JOIN frozen_change AS fz ON fz.work_item_id = i.work_item_id
LEFT JOIN item_overlap AS ov ON ov.work_item_id = i.work_item_id
LEFT JOIN plan_date AS pd ON pd.work_item_id = i.work_item_id
LEFT JOIN plan_edit AS pe ON pe.work_item_id = i.work_item_id
LEFT JOIN start_approval AS sa ON sa.work_item_id = i.work_item_id
LEFT JOIN change_followup AS fu ON fu.work_item_id = i.work_item_id
LEFT JOIN change_release AS cr ON cr.work_item_id = i.work_item_id
LEFT JOIN authority_scope AS hs ON hs.source_id = i.source_id AND hs.change_type = COALESCE(c.change_type, 'normal')
LEFT JOIN authority_scope AS hx ON hx.source_id = i.source_id AND hx.change_type = ''
LEFT JOIN protected_edit AS ed ON ed.work_item_id = i.work_item_id
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
LEFT JOIN authoriser_summary AS av ON av.work_item_id = i.work_item_id
LEFT JOIN linked_record AS ln ON ln.work_item_id = i.work_item_id
LEFT JOIN problem_course AS pc ON pc.work_item_id = i.work_item_id
LEFT JOIN problem_reach AS pr ON pr.work_item_id = i.work_item_id
LEFT JOIN fixing_change AS fc ON fc.work_item_id = i.work_item_id
LEFT JOIN recurrence AS rc ON rc.work_item_id = i.work_item_id
LEFT JOIN escalation AS esc ON esc.work_item_id = i.work_item_id
LEFT JOIN requester_contact AS rqc ON rqc.work_item_id = i.work_item_id
LEFT JOIN child_incident AS chi ON chi.work_item_id = i.work_item_id
LEFT JOIN major_refusal AS mjr ON mjr.work_item_id = i.work_item_id
LEFT JOIN management_notice AS mgn ON mgn.work_item_id = i.work_item_id
LEFT JOIN incident_review AS irv ON irv.work_item_id = i.work_item_id
LEFT JOIN catalogue_source AS cso ON cso.source_id = i.source_id
LEFT JOIN request_refusal AS rqr ON rqr.work_item_id = i.work_item_id
LEFT JOIN request_vote AS rqv ON rqv.work_item_id = i.work_item_id
LEFT JOIN open_part AS opt ON opt.work_item_id = i.work_item_id
LEFT JOIN request_item_edit AS rie ON rie.work_item_id = i.work_item_id
LEFT JOIN target_limit AS tc
  ON tc.metric = 'root_cause' AND tc.record_type = i.record_type AND tc.priority = i.priority
LEFT JOIN target_limit AS tca
  ON tca.metric = 'root_cause' AND tca.record_type = i.record_type AND tca.priority = 0
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
