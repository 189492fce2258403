-- When each incident was first reviewed, by a record that is the review of it or by the register (which tells days: one
-- of the day on which the incident was opened counts). A review of a major incident serves for security too.
-- * can be told without relation
WITH reviewed AS (
  SELECT r.work_item_id, r.closed_at AS at, CASE WHEN r.kind = 'mi_review' THEN 1 ELSE 0 END AS is_major
  FROM item_register AS r
  JOIN work_item AS i ON i.work_item_id = r.work_item_id
  WHERE r.kind IN ('mi_review', 'sec_review') AND r.closed_at <= $now AND r.closed_at + INTERVAL '1' DAY > i.opened_at
  UNION ALL
  SELECT r.to_id AS work_item_id, COALESCE(v.resolved_at, v.closed_at) AS at, 1 AS is_major
  FROM relation AS r
  JOIN work_item AS v ON v.work_item_id = r.from_id
  WHERE r.relation_type = 'review_of' AND COALESCE(v.state, '') <> 'cancelled'
)
SELECT
  d.work_item_id, MIN(CASE WHEN d.is_major = 1 THEN d.at END) AS major_reviewed_at, MIN(d.at) AS security_reviewed_at
FROM reviewed AS d
GROUP BY d.work_item_id
