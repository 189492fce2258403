-- Outages that overlap on one service made into one, named after the first of them, with what shows that somebody looked
-- into it: a problem behind its record, or a review in the register, of its record, or of its service for that time.
-- service_id can be told without configuration_item
-- rows can be told without configuration_item, work_item.number, service
WITH told AS (
  SELECT
    u.outage_id, u.source_id, u.service_id, u.record_id, u.place, u.started_at, u.ended_at,
    MAX(COALESCE(u.ended_at, $now)) OVER (
      PARTITION BY u.place ORDER BY u.started_at NULLS LAST, u.outage_id NULLS LAST
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS covered_to
  FROM unplanned_outage AS u
),
begun AS (
  SELECT
    t.outage_id, t.source_id, t.service_id, t.record_id, t.place, t.started_at, t.ended_at,
    CASE WHEN t.covered_to >= t.started_at THEN 0 ELSE 1 END AS begins
  FROM told AS t
),
numbered AS (
  SELECT
    b.outage_id, b.source_id, b.service_id, b.record_id, b.place, b.started_at, b.ended_at, b.begins,
    SUM(b.begins) OVER (
      PARTITION BY b.place ORDER BY b.started_at NULLS LAST, b.outage_id NULLS LAST
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS episode
  FROM begun AS b
),
problem_behind AS (
  SELECT p.work_item_id FROM problem_link AS p
  UNION
  SELECT i.work_item_id FROM work_item AS i WHERE i.record_type = 'problem'
),
reviewed AS (
  SELECT DISTINCT r.work_item_id FROM item_register AS r WHERE r.kind IN ('outage_review', 'mi_review')
),
joined AS (
  SELECT
    n.place, n.episode, MIN(CASE WHEN n.begins = 1 THEN n.outage_id END) AS outage_id, MIN(n.source_id) AS source_id,
    MIN(n.service_id) AS service_id, COUNT(*) AS outages, MIN(i.number) AS record, MIN(n.started_at) AS started_at,
    CASE WHEN COUNT(n.ended_at) = COUNT(*) THEN MAX(n.ended_at) END AS ended_at,
    COUNT(p.work_item_id) AS problems, COUNT(v.work_item_id) AS reviews,
    SUM(CASE WHEN i.is_major THEN 1 ELSE 0 END) AS major_incidents
  FROM numbered AS n
  LEFT JOIN work_item AS i ON i.work_item_id = n.record_id
  LEFT JOIN problem_behind AS p ON p.work_item_id = n.record_id
  LEFT JOIN reviewed AS v ON v.work_item_id = n.record_id
  GROUP BY n.place, n.episode
),
service_review AS (
  SELECT j.outage_id, COUNT(*) AS reviews
  FROM joined AS j
  JOIN service_register AS r ON r.service_id = j.service_id
  WHERE r.kind = 'outage_review' AND r.period_from <= j.started_at AND r.period_to + INTERVAL '1' DAY > j.started_at
  GROUP BY j.outage_id
)
SELECT
  j.outage_id, j.source_id, j.service_id, s.name AS service, j.record, j.outages, j.started_at, j.ended_at, j.problems,
  j.reviews + COALESCE(r.reviews, 0) AS reviews, j.major_incidents
FROM joined AS j
LEFT JOIN known_service AS s ON s.service_id = j.service_id
LEFT JOIN service_review AS r ON r.outage_id = j.outage_id
WHERE COALESCE(s.is_in_scope, TRUE)
