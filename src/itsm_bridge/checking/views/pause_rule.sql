-- The pause rules of the policy per definition; reason '' means that the clock stands still whatever the reason.
WITH fitting AS (
  SELECT DISTINCT d.sla_definition_id, r.state, COALESCE(r.reason, '') AS reason
  FROM sla_definition AS d
  JOIN sla_pause_rule AS r
    ON (COALESCE(r.source_id, '') = '' OR r.source_id = d.source_id)
    AND (COALESCE(r.sla_name, '') = '' OR r.sla_name = d.name)
    AND (COALESCE(r.metric, '') = '' OR r.metric = d.metric)
),
always AS (
  SELECT f.sla_definition_id, f.state FROM fitting AS f WHERE f.reason = ''
)
SELECT f.sla_definition_id, f.state, f.reason
FROM fitting AS f
LEFT JOIN always AS a ON a.sla_definition_id = f.sla_definition_id AND a.state = f.state
WHERE f.reason = '' OR a.state IS NULL
