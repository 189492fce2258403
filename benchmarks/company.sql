-- The tables of the company, each after a line with its name. `item` has a row for each work item, with its kind, path
-- and times; chance(n, salt) is a number from 0 to 1 that depends on n, id and one_of make ids of ours.

-- table item
SELECT n, record_type, opened_at, length, id('work_item', n) AS work_item_id,
  CASE record_type WHEN 'service_request' THEN 'request' WHEN 'incident' THEN
    CASE WHEN chance(n, 1) < 0.01 THEN 'reopened' ELSE 'incident' END WHEN 'change' THEN
    CASE WHEN chance(n, 20) < 0.8 THEN 'normal' WHEN chance(n, 20) < 0.9 THEN 'standard' ELSE 'emergency' END
    ELSE record_type END AS path,
  opened_at + length * CASE record_type WHEN 'change' THEN 1.0 ELSE 0.8 END AS resolved_at,
  opened_at + length AS closed_at, one_of('person', n, 2, 500) AS assignee_id,
  one_of('support_group', n, 3, 60) AS team,
  1 + CAST(floor(chance(n, 4) * 3) AS BIGINT) AS impact, 1 + CAST(floor(chance(n, 5) * 3) AS BIGINT) AS urgency
FROM (SELECT n,
    CASE WHEN n % 20 < 12 THEN 'incident' WHEN n % 20 < 14 THEN 'problem' WHEN n % 20 < 17 THEN 'change'
      ELSE 'service_request' END AS record_type,
    TIMESTAMP '2025-07-05' + to_seconds(CAST(n * (350.0 * 86400 / {count}) AS BIGINT)) AS opened_at,
    to_seconds(7200 + CAST(chance(n, 6) * 500000 AS BIGINT)) AS length
  FROM range({count}) AS r(n));

-- table work_item
SELECT work_item_id, record_type, record_type AS source_record_type, CAST(n AS VARCHAR) AS source_key,
  upper(substr(record_type, 1, 3)) || n AS number, 'https://bench.invalid/' || n AS url,
  30 AS title_raw_length, 30 AS title_length, md5('t' || n) AS title_hash,
  250 AS description_raw_length, CASE WHEN chance(n, 10) < 0.01 THEN 3 ELSE 240 END AS description_length,
  md5('d' || n) AS description_hash, 'closed' AS state, '7' AS source_state,
  LEAST(5, impact + urgency - 1) AS priority,
  CAST(LEAST(5, impact + urgency - 1) AS VARCHAR) AS source_priority, impact,
  urgency, 'network' AS category, 'vpn' AS subcategory, 'portal' AS channel, 'portal' AS source_channel,
  CASE WHEN chance(n, 11) >= 0.005 THEN one_of('person', n, 12, 5000) END AS requester_id,
  one_of('person', n, 13, 500) AS opened_by_id, assignee_id, team AS support_group_id, assignee_id AS resolved_by_id,
  assignee_id AS closed_by_id, opened_at, opened_at AS created_at,
  CASE WHEN chance(n, 14) < 0.005 THEN opened_at - INTERVAL 1 HOUR ELSE resolved_at END AS resolved_at, closed_at,
  closed_at AS updated_at, 'fixed' AS resolution_code, 'Solved' AS source_resolution_code, 80 AS resolution_raw_length,
  80 AS resolution_length, md5('r' || n) AS resolution_hash, 0 AS reopen_claimed, 0 AS reassignment_claimed,
  FALSE AS is_major, FALSE AS is_security, one_of('service', n, 15, 80) AS service_id,
  one_of('configuration_item', n, 16, 5000) AS configuration_item_id,
  CASE WHEN record_type = 'service_request' THEN one_of('catalogue_item', n, 17, 50) END AS catalogue_item_id,
  6 AS update_count, 'full' AS history_level, 1.0 AS mapping_confidence
FROM item;

-- table change_detail
SELECT work_item_id, path AS change_type, path AS source_change_type, 3 AS risk, FALSE AS is_major_impact,
  100 AS justification_length, 200 AS implementation_plan_length,
  CASE WHEN chance(n, 21) < 0.02 THEN 0 ELSE 90 END AS backout_plan_length, 70 AS test_plan_length,
  'passed' AS test_result,
  id('change_template', 1) AS change_template_id, opened_at + length * 0.59 AS planned_start_at,
  opened_at + length * 0.81 AS planned_end_at, opened_at + length * 0.6 AS actual_start_at,
  opened_at + length * 0.8 AS actual_end_at, 'successful' AS outcome, 'successful' AS source_outcome,
  FALSE AS is_backed_out, opened_at + length * 0.9 AS reviewed_at, 50 AS review_length
FROM item WHERE record_type = 'change';

-- table problem_detail
SELECT work_item_id, 'reactive' AS origin, CASE WHEN chance(n, 22) < 0.03 THEN 0 ELSE 120 END AS root_cause_length,
  opened_at + length * 0.6 AS root_cause_at, 60 AS workaround_length
FROM item WHERE record_type = 'problem';

-- table transition
SELECT i.work_item_id || '/' || p.seq AS transition_id, i.work_item_id, i.opened_at + i.length * p.share AS at,
  p.seq AS seq,
  i.assignee_id AS actor_id, 'agent' AS actor_kind, 'state' AS field, 'state' AS source_field, p.before AS old_value,
  p.after AS new_value, p.before AS source_old_value, p.after AS source_new_value,
  CASE WHEN p.after = 'pending' AND chance(i.n, 50) < 0.03 THEN 'requester' WHEN p.after = 'pending' THEN 'change' END
    AS reason, 'native' AS origin
FROM item AS i JOIN (VALUES
  ('incident', 1, 'new', 'in_progress', 0.02), ('incident', 2, 'in_progress', 'pending', 0.2),
  ('incident', 3, 'pending', 'in_progress', 0.6), ('incident', 4, 'in_progress', 'resolved', 0.8),
  ('incident', 5, 'resolved', 'closed', 1.0),
  ('reopened', 1, 'new', 'in_progress', 0.02), ('reopened', 2, 'in_progress', 'resolved', 0.2),
  ('reopened', 3, 'resolved', 'in_progress', 0.5), ('reopened', 4, 'in_progress', 'resolved', 0.55),
  ('reopened', 5, 'resolved', 'in_progress', 0.7), ('reopened', 6, 'in_progress', 'resolved', 0.8),
  ('reopened', 7, 'resolved', 'closed', 1.0),
  ('problem', 1, 'new', 'assess', 0.1), ('problem', 2, 'assess', 'rca', 0.3), ('problem', 3, 'rca', 'fix', 0.6),
  ('problem', 4, 'fix', 'resolved', 0.8), ('problem', 5, 'resolved', 'closed', 1.0),
  ('normal', 1, 'draft', 'assess', 0.1), ('normal', 2, 'assess', 'authorize', 0.2),
  ('normal', 3, 'authorize', 'scheduled', 0.4), ('normal', 4, 'scheduled', 'implement', 0.6),
  ('normal', 5, 'implement', 'review', 0.8), ('normal', 6, 'review', 'closed', 1.0),
  ('standard', 1, 'draft', 'scheduled', 0.2), ('standard', 2, 'scheduled', 'implement', 0.6),
  ('standard', 3, 'implement', 'review', 0.8), ('standard', 4, 'review', 'closed', 1.0),
  ('emergency', 1, 'draft', 'authorize', 0.1), ('emergency', 2, 'authorize', 'implement', 0.6),
  ('emergency', 3, 'implement', 'review', 0.8), ('emergency', 4, 'review', 'closed', 1.0),
  ('request', 1, 'new', 'approval', 0.05), ('request', 2, 'approval', 'in_progress', 0.3),
  ('request', 3, 'in_progress', 'pending', 0.4), ('request', 4, 'pending', 'in_progress', 0.6),
  ('request', 5, 'in_progress', 'resolved', 0.8), ('request', 6, 'resolved', 'closed', 1.0)
) AS p(path, seq, before, after, share) ON p.path = i.path;

-- table approval
SELECT work_item_id || '/' || level AS approval_id, work_item_id, level, 1 AS round,
  CASE record_type WHEN 'change' THEN 'cab' ELSE 'request' END AS stage,
  CASE WHEN chance(n, 30) < 0.01 THEN assignee_id ELSE one_of('person', n, 31, 400) END AS approver_id,
  'approved' AS decision, 'approved' AS source_decision, opened_at + length * 0.1 AS requested_at,
  opened_at + length * CASE WHEN chance(n, 32) < 0.01 THEN 0.7 ELSE 0.28 END AS decided_at,
  CASE level WHEN 'vote' THEN 'exact' ELSE 'rollup' END AS decided_basis
FROM item CROSS JOIN (VALUES ('vote'), ('rollup')) AS v(level)
WHERE record_type IN ('change', 'service_request') AND chance(n, 33) >= 0.005;

-- table sla_instance
SELECT work_item_id || '/' || metric AS sla_instance_id, work_item_id,
  id('sla_definition', metric) AS sla_definition_id,
  1 AS cycle, opened_at AS started_at, opened_at + to_seconds(goal) AS original_due_at,
  opened_at + to_seconds(goal) AS due_at,
  stopped_at, 'completed' AS stage, 'completed' AS source_stage, elapsed AS elapsed_seconds, paused AS paused_seconds,
  (elapsed > goal) <> (chance(n, 40) < 0.01) AS is_breached, stopped_at AS captured_at
FROM (SELECT n, work_item_id, opened_at, 'response' AS metric, 86400 AS goal, opened_at + length * 0.02 AS stopped_at,
    CAST(epoch(length) * 0.02 AS BIGINT) AS elapsed, 0 AS paused FROM item WHERE record_type = 'incident'
  UNION ALL SELECT n, work_item_id, opened_at, 'resolution', 200000, resolved_at,
    CAST(epoch(length) * CASE path WHEN 'incident' THEN 0.4 ELSE 0.35 END AS BIGINT),
    CAST(epoch(length) * CASE path WHEN 'incident' THEN 0.4 ELSE 0.45 END AS BIGINT)
  FROM item WHERE record_type = 'incident');

-- table person
SELECT id('person', n) AS person_id, CAST(n AS VARCHAR) AS source_key, 'p' || n AS login,
  CASE WHEN n < 500 THEN 'agent' ELSE 'customer' END AS kind, TRUE AS is_active
FROM range(5000) AS r(n);

-- table support_group
SELECT id('support_group', n) AS support_group_id, CAST(n AS VARCHAR) AS source_key, 'Team ' || n AS name,
  CASE WHEN n = 0 THEN 'cab' ELSE 'team' END AS kind, TRUE AS is_active
FROM range(60) AS r(n);

-- table membership
SELECT id('membership', n) AS membership_id, id('person', n % 500) AS person_id,
  id('support_group', n % 60) AS support_group_id
FROM range(1000) AS r(n);

-- table service
SELECT id('service', n) AS service_id, CAST(n AS VARCHAR) AS source_key, 'Service ' || n AS name,
  2 AS criticality, TRUE AS is_in_scope
FROM range(80) AS r(n);

-- table catalogue_item
SELECT id('catalogue_item', n) AS catalogue_item_id, CAST(n AS VARCHAR) AS source_key, 'Item ' || n AS name,
  TRUE AS is_active, n % 2 = 0 AS is_approval_required
FROM range(50) AS r(n);

-- table configuration_item
SELECT id('configuration_item', n) AS configuration_item_id, CAST(n AS VARCHAR) AS source_key,
  'ci' || n AS name, 'server' AS configuration_item_type, 'in_use' AS status
FROM range(5000) AS r(n);

-- table change_template
SELECT id('change_template', n) AS change_template_id, 'Template ' || n AS name,
  TIMESTAMP '2025-01-01' AS approved_at, id('person', 1) AS approved_by_id,
  TIMESTAMP '2027-01-01' AS valid_to
FROM range(5) AS r(n);

-- table sla_definition
SELECT id('sla_definition', m) AS sla_definition_id, m || ' of incidents' AS name, 'sla' AS kind, m AS metric,
  'incident' AS record_type, g AS goal_seconds, g AS agreed_goal_seconds, 'opened' AS start_rule,
  TRUE AS is_active FROM (VALUES ('response', 86400), ('resolution', 200000)) AS v(m, g);

-- table comment
SELECT work_item_id || '/1' AS comment_id, work_item_id, opened_at + length * 0.02 AS at,
  assignee_id AS author_id, 'agent' AS author_role, 'public' AS visibility, 'portal' AS channel,
  90 AS body_length FROM item;

-- table relation
SELECT work_item_id || '/p' AS relation_id, work_item_id AS from_id, id('work_item',
  (n // 20) * 20 + 12) AS to_id,
  'investigated_by' AS relation_type FROM item WHERE record_type = 'incident' AND n % 20 < 2;
