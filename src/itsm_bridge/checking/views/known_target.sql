-- Every service-level definition with what was agreed, and where that is silent, as the tool has it.
-- kind can be told without sla_definition.kind
-- agreed_goal_seconds can be told without sla_definition.agreed_goal_seconds
-- attainment_target can be told without sla_definition.attainment_target
-- supplier_id can be told without sla_definition.supplier_id
WITH told AS (
  SELECT r.sla_name, r.source_id, d.sla_definition_id
  FROM agreed_target AS r JOIN sla_definition AS d ON d.name = r.sla_name
  UNION
  SELECT r.sla_name, r.source_id, d.sla_definition_id
  FROM agreed_target AS r JOIN sla_definition AS d ON d.sla_definition_id = r.sla_name
),
chosen AS (
  SELECT
    t.sla_definition_id, t.sla_name, t.source_id,
    ROW_NUMBER() OVER (
      PARTITION BY t.sla_definition_id ORDER BY t.source_id DESC NULLS LAST, t.sla_name NULLS LAST
    ) AS place
  FROM told AS t
  JOIN sla_definition AS d ON d.sla_definition_id = t.sla_definition_id
  WHERE COALESCE(t.source_id, d.source_id) = d.source_id
)
SELECT
  d.sla_definition_id, d.source_id, d.name, d.metric, d.record_type, d.service_id, d.priority, d.goal_seconds,
  d.source_schedule, d.start_rule, d.stop_rule, d.is_pausable, d.valid_from, d.valid_to, d.is_active,
  COALESCE(r.kind, d.kind) AS kind, COALESCE(r.agreed_goal_seconds, d.agreed_goal_seconds) AS agreed_goal_seconds,
  COALESCE(r.attainment_target, d.attainment_target) AS attainment_target, r.workload_limit,
  COALESCE(r.supplier_id, d.supplier_id) AS supplier_id
FROM sla_definition AS d
LEFT JOIN chosen AS c ON c.sla_definition_id = d.sla_definition_id AND c.place = 1
LEFT JOIN agreed_target AS r ON r.sla_name = c.sla_name AND COALESCE(r.source_id, '') = COALESCE(c.source_id, '')
