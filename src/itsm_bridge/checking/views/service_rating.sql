-- Every service with the incidents and requests of it that were closed in the period, the ratings given in the period,
-- and the last satisfaction survey in the register: of the service, or of all services where none is named.
WITH counted AS (
  SELECT
    w.service_id,
    SUM(CASE WHEN w.closed_at >= $period_from AND w.closed_at < $period_to THEN 1 ELSE 0 END) AS closed
  FROM w
  WHERE w.record_type IN ('incident', 'service_request') AND COALESCE(w.state, '') <> 'cancelled'
  GROUP BY w.service_id
),
rated AS (
  SELECT
    w.service_id,
    SUM(CASE WHEN w.satisfaction_at >= $period_from AND w.satisfaction_at < $period_to THEN 1 ELSE 0 END) AS ratings,
    SUM(CASE WHEN w.satisfaction_at IS NULL THEN 1 ELSE 0 END) AS undated_ratings
  FROM w
  WHERE w.satisfaction_score IS NOT NULL
  GROUP BY w.service_id
),
survey AS (
  SELECT r.service_id, MAX(r.closed_at) AS closed_at
  FROM service_register AS r
  WHERE r.kind = 'csat_survey' AND r.closed_at <= $now
  GROUP BY r.service_id
),
survey_of_all AS (
  SELECT r.kind, MAX(r.closed_at) AS closed_at
  FROM register_item AS r
  WHERE r.kind = 'csat_survey' AND COALESCE(r.subject_id, '') = '' AND r.closed_at <= $now
  GROUP BY r.kind
)
SELECT
  s.service_id, s.source_id, s.name, s.is_in_scope, COALESCE(c.closed, 0) AS closed, COALESCE(t.ratings, 0) AS ratings,
  COALESCE(t.undated_ratings, 0) AS undated_ratings,
  CASE WHEN a.closed_at > COALESCE(v.closed_at, a.closed_at) THEN a.closed_at ELSE COALESCE(v.closed_at, a.closed_at) END
    AS surveyed_at
FROM known_service AS s
LEFT JOIN counted AS c ON c.service_id = s.service_id
LEFT JOIN rated AS t ON t.service_id = s.service_id
LEFT JOIN survey AS v ON v.service_id = s.service_id
LEFT JOIN survey_of_all AS a ON a.kind = 'csat_survey'
