-- How many records of the period each definition applied to, beside the number for which it was agreed, and the reviews
-- of workload that cover the period.
WITH counted AS (
  SELECT
    w.source_id, w.record_type, COALESCE(w.service_id, '') AS service_id, COALESCE(w.priority, 0) AS priority,
    COUNT(*) AS records
  FROM w
  WHERE w.opened_at >= $period_from AND w.opened_at < $period_to AND COALESCE(w.state, '') <> 'cancelled'
  GROUP BY w.source_id, w.record_type, COALESCE(w.service_id, ''), COALESCE(w.priority, 0)
),
borne AS (
  SELECT d.sla_definition_id, CAST(SUM(c.records) AS BIGINT) AS records
  FROM known_target AS d
  JOIN counted AS c ON c.source_id = d.source_id AND c.record_type = d.record_type
  WHERE (d.service_id IS NULL OR d.service_id = c.service_id) AND (d.priority IS NULL OR d.priority = c.priority)
  GROUP BY d.sla_definition_id
),
reviewed AS (
  SELECT
    r.sla_definition_id,
    SUM(CASE WHEN r.period_to >= $period_from AND r.period_from < $period_to THEN 1 ELSE 0 END) AS reviews,
    SUM(CASE WHEN r.period_from IS NULL OR r.period_to IS NULL THEN 1 ELSE 0 END) AS undated_reviews
  FROM target_register AS r
  WHERE r.kind = 'workload_review'
  GROUP BY r.sla_definition_id
)
SELECT
  d.sla_definition_id, d.source_id, d.name, d.kind, d.record_type, d.workload_limit, COALESCE(b.records, 0) AS records,
  COALESCE(r.reviews, 0) AS reviews, COALESCE(r.undated_reviews, 0) AS undated_reviews
FROM known_target AS d
LEFT JOIN borne AS b ON b.sla_definition_id = d.sla_definition_id
LEFT JOIN reviewed AS r ON r.sla_definition_id = d.sla_definition_id
