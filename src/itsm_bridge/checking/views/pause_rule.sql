-- The pause rules of the policy per definition; reason '' means that the clock stands still whatever the reason. What the
-- policy says of all sources does not hold where the tool cannot let clocks pause, or where the policy says 'none'.
WITH said AS (
  SELECT DISTINCT d.sla_definition_id, r.state, COALESCE(r.reason, '') AS reason,
    CASE WHEN COALESCE(r.source_id, '') = '' THEN 1 ELSE 0 END AS is_general
  FROM sla_definition AS d
  JOIN sla_pause_rule AS r
    ON (COALESCE(r.source_id, '') = '' OR r.source_id = d.source_id)
    AND (COALESCE(r.sla_name, '') = '' OR r.sla_name = d.name)
    AND (COALESCE(r.metric, '') = '' OR r.metric = d.metric)
),
special AS (
  SELECT d.sla_definition_id FROM sla_definition AS d WHERE NOT d.is_pausable
  UNION
  SELECT s.sla_definition_id FROM said AS s WHERE s.state = 'none'
),
fitting AS (
  SELECT DISTINCT s.sla_definition_id, s.state, s.reason
  FROM said AS s
  LEFT JOIN special AS n ON n.sla_definition_id = s.sla_definition_id
  WHERE s.state <> 'none' AND (s.is_general = 0 OR n.sla_definition_id IS NULL)
),
always AS (
  SELECT f.sla_definition_id, f.state FROM fitting AS f WHERE f.reason = ''
)
SELECT f.sla_definition_id, f.state, f.reason
FROM fitting AS f
LEFT JOIN always AS a ON a.sla_definition_id = f.sla_definition_id AND a.state = f.state
WHERE f.reason = '' OR a.state IS NULL
