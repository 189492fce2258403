-- Every service in scope with its seconds out of service in the period, round the clock, and the improvements raised for
-- it that were not closed before the period.
WITH out_of_service AS (
  SELECT
    t.service_id,
    SUM(
      CASE WHEN t.to_at > $period_to THEN EPOCH($period_to) ELSE EPOCH(t.to_at) END
      - CASE WHEN t.from_at < $period_from THEN EPOCH($period_from) ELSE EPOCH(t.from_at) END
    ) AS seconds
  FROM service_time AS t
  WHERE t.part = 'outage' AND t.from_at < $period_to AND t.to_at > $period_from
  GROUP BY t.service_id
),
raised AS (
  SELECT r.service_id, COUNT(r.opened_at) AS improvements, COUNT(*) - COUNT(r.opened_at) AS undated_improvements
  FROM service_register AS r
  WHERE r.kind = 'improvement' AND COALESCE(r.opened_at <= $now, TRUE)
    AND (r.opened_at >= $period_from OR r.closed_at IS NULL OR r.closed_at >= $period_from)
  GROUP BY r.service_id
)
SELECT
  s.service_id, s.source_id, s.name, s.availability_target, COALESCE(o.seconds, 0) AS outage_seconds,
  1.0 - COALESCE(o.seconds, 0) / CAST(EPOCH($period_to) - EPOCH($period_from) AS DOUBLE) AS availability,
  COALESCE(r.improvements, 0) AS improvements, COALESCE(r.undated_improvements, 0) AS undated_improvements
FROM known_service AS s
LEFT JOIN out_of_service AS o ON o.service_id = s.service_id
LEFT JOIN raised AS r ON r.service_id = s.service_id
WHERE COALESCE(s.is_in_scope, TRUE)
