-- How each supplier did in the period in each source: the clocks of its targets that stopped, those that the tool calls
-- met, how many the contracts promise, and the improvements raised that were not closed before the period.
WITH stopped AS (
  SELECT
    d.source_id, d.supplier_id, COUNT(*) AS clocks, SUM(d.attainment_target) AS promised,
    SUM(CASE WHEN NOT s.is_breached THEN 1 ELSE 0 END) AS met,
    SUM(CASE WHEN s.is_breached IS NULL THEN 1 ELSE 0 END) AS uncertain
  FROM sla_instance AS s
  JOIN known_target AS d ON d.sla_definition_id = s.sla_definition_id
  JOIN w ON w.work_item_id = s.work_item_id
  WHERE d.kind IN ('uc', 'ola') AND d.supplier_id IS NOT NULL AND d.attainment_target IS NOT NULL
    AND s.stage = 'completed' AND s.stopped_at >= $period_from AND s.stopped_at < $period_to
  GROUP BY d.source_id, d.supplier_id
),
named AS (
  SELECT t.supplier_id, t.supplier_id AS subject_id FROM stopped AS t
  UNION
  SELECT p.supplier_id, p.name AS subject_id FROM supplier AS p
),
raised AS (
  SELECT n.supplier_id, r.register_item_id, r.opened_at
  FROM named AS n
  JOIN register_item AS r ON r.subject_id = n.subject_id
  WHERE r.kind = 'improvement' AND COALESCE(r.opened_at <= $now, TRUE)
    AND (r.opened_at >= $period_from OR r.closed_at IS NULL OR r.closed_at >= $period_from)
),
counted AS (
  SELECT
    r.supplier_id, COUNT(r.opened_at) AS improvements, COUNT(*) - COUNT(r.opened_at) AS undated_improvements
  FROM raised AS r
  GROUP BY r.supplier_id
)
SELECT
  t.supplier_id || '@' || t.source_id AS supplier_attainment_id, t.source_id, t.supplier_id, t.clocks, t.promised, t.met,
  t.uncertain, COALESCE(c.improvements, 0) AS improvements, COALESCE(c.undated_improvements, 0) AS undated_improvements
FROM stopped AS t
LEFT JOIN counted AS c ON c.supplier_id = t.supplier_id
