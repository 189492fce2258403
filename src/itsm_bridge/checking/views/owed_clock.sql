-- Records to which a customer-facing service-level definition applies, and how many of the owed metrics have no clock.
-- Several clocks of one metric do no harm: what is counted are metrics without any.
WITH sort AS (
  SELECT DISTINCT w.source_id, w.record_type, COALESCE(w.service_id, '') AS service_id, COALESCE(w.priority, 0) AS priority
  FROM w
  WHERE w.record_type IN ('incident', 'service_request')
),
promised AS (
  SELECT DISTINCT
    k.source_id, k.record_type, k.service_id, k.priority, d.metric, d.valid_from, d.valid_to
  FROM sort AS k
  JOIN known_target AS d ON d.source_id = k.source_id AND d.record_type = k.record_type
  WHERE COALESCE(d.kind, 'sla') = 'sla' AND COALESCE(d.is_active, TRUE) AND d.metric IS NOT NULL
    AND (d.service_id IS NULL OR d.service_id = k.service_id) AND (d.priority IS NULL OR d.priority = k.priority)
),
running AS (
  SELECT s.work_item_id, d.metric
  FROM sla_instance AS s
  JOIN known_target AS d ON d.sla_definition_id = s.sla_definition_id
  WHERE COALESCE(d.kind, 'sla') = 'sla'
)
SELECT
  w.source_id, w.work_item_id,
  MIN(CASE WHEN r.metric IS NULL THEN p.metric END) AS missing_metric,
  SUM(CASE WHEN r.metric IS NULL THEN 1 ELSE 0 END) AS missing
FROM w
JOIN promised AS p
  ON p.source_id = w.source_id AND p.record_type = w.record_type AND p.service_id = COALESCE(w.service_id, '')
  AND p.priority = COALESCE(w.priority, 0)
LEFT JOIN running AS r ON r.work_item_id = w.work_item_id AND r.metric = p.metric
WHERE (p.valid_from IS NULL OR p.valid_from <= w.opened_at) AND (p.valid_to IS NULL OR p.valid_to > w.opened_at)
GROUP BY w.source_id, w.work_item_id
