-- Every service in scope (part service), and the stretches of time in which it was out of service without a plan (part
-- outage). Of outages that overlap only what no earlier one covers is counted.
-- service_id can be told without configuration_item
-- rows can be told without configuration_item
WITH ordered AS (
  SELECT
    t.outage_id, t.source_id, t.service_id, t.started_at, COALESCE(t.ended_at, $now) AS ended_at,
    MAX(COALESCE(t.ended_at, $now)) OVER (
      PARTITION BY t.service_id ORDER BY t.started_at NULLS LAST, t.outage_id NULLS LAST
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS covered_to
  FROM unplanned_outage AS t
)
SELECT
  s.service_id AS stretch_id, s.source_id, s.service_id, 'service' AS part, CAST(NULL AS TIMESTAMP) AS from_at,
  CAST(NULL AS TIMESTAMP) AS to_at
FROM known_service AS s
WHERE COALESCE(s.is_in_scope, TRUE)
UNION ALL
SELECT
  r.outage_id AS stretch_id, r.source_id, r.service_id, 'outage' AS part,
  CASE WHEN r.covered_to > r.started_at THEN r.covered_to ELSE r.started_at END AS from_at, r.ended_at AS to_at
FROM ordered AS r
JOIN known_service AS s ON s.service_id = r.service_id
WHERE COALESCE(s.is_in_scope, TRUE) AND (r.covered_to IS NULL OR r.ended_at > r.covered_to)
