-- Every service in scope (part service), and the stretches of time in which it was out of service without a plan (part
-- outage). Of outages that overlap only what no earlier one covers is counted. An outage belongs to the service of its
-- record, else to the service that is the item which was out.
-- service_id can be told without configuration_item
-- rows can be told without configuration_item
WITH told AS (
  SELECT
    o.outage_id, o.source_id, COALESCE(i.service_id, v.service_id) AS service_id, o.started_at,
    COALESCE(o.ended_at, $now) AS ended_at
  FROM outage AS o
  LEFT JOIN work_item AS i ON i.work_item_id = o.work_item_id
  LEFT JOIN configuration_item AS c ON c.configuration_item_id = o.configuration_item_id
  LEFT JOIN service AS v ON v.source_id = c.source_id AND v.source_key = c.source_key
  WHERE COALESCE(o.outage_type, 'unknown') IN ('outage', 'unknown') AND o.started_at IS NOT NULL
),
ordered AS (
  SELECT
    t.outage_id, t.source_id, t.service_id, t.started_at, t.ended_at,
    MAX(t.ended_at) OVER (
      PARTITION BY t.service_id ORDER BY t.started_at NULLS LAST, t.outage_id NULLS LAST
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS covered_to
  FROM told AS t
)
SELECT
  s.service_id AS stretch_id, s.source_id, s.service_id, 'service' AS part, CAST(NULL AS TIMESTAMP) AS from_at,
  CAST(NULL AS TIMESTAMP) AS to_at
FROM service AS s
WHERE COALESCE(s.is_in_scope, TRUE)
UNION ALL
SELECT
  r.outage_id AS stretch_id, r.source_id, r.service_id, 'outage' AS part,
  CASE WHEN r.covered_to > r.started_at THEN r.covered_to ELSE r.started_at END AS from_at, r.ended_at AS to_at
FROM ordered AS r
JOIN service AS s ON s.service_id = r.service_id
WHERE COALESCE(s.is_in_scope, TRUE) AND (r.covered_to IS NULL OR r.ended_at > r.covered_to)
