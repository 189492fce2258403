-- How each definition did in the period: its clocks that stopped, those met by the recomputation, those that could not
-- be recomputed, those met by the claim; and the improvements raised for it that were not closed before the period.
WITH stopped AS (
  SELECT
    s.sla_definition_id, COUNT(*) AS clocks,
    SUM(CASE WHEN s.history_level = 'full' AND NOT s.recomputed_breached THEN 1 ELSE 0 END) AS met,
    SUM(CASE WHEN COALESCE(s.history_level, 'none') <> 'full' OR s.recomputed_breached IS NULL THEN 1 ELSE 0 END)
      AS uncertain,
    SUM(CASE WHEN NOT s.is_breached THEN 1 ELSE 0 END) AS claimed_met
  FROM sla_clock AS s
  WHERE s.stage = 'completed' AND s.kind = 'sla' AND s.stopped_at >= $period_from AND s.stopped_at < $period_to
  GROUP BY s.sla_definition_id
),
raised AS (
  SELECT
    r.sla_definition_id, COUNT(r.opened_at) AS improvements, COUNT(*) - COUNT(r.opened_at) AS undated_improvements
  FROM target_register AS r
  WHERE r.kind = 'improvement' AND COALESCE(r.opened_at <= $now, TRUE)
    AND (r.opened_at >= $period_from OR r.closed_at IS NULL OR r.closed_at >= $period_from)
  GROUP BY r.sla_definition_id
)
SELECT
  d.sla_definition_id, d.source_id, d.name, d.metric, d.attainment_target, s.clocks, s.met, s.uncertain, s.claimed_met,
  COALESCE(r.improvements, 0) AS improvements, COALESCE(r.undated_improvements, 0) AS undated_improvements
FROM known_target AS d
JOIN stopped AS s ON s.sla_definition_id = d.sla_definition_id
LEFT JOIN raised AS r ON r.sla_definition_id = d.sla_definition_id
