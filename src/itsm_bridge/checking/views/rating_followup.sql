-- What came first after each rating: a message of ours, the record being taken up again, or a complaint or improvement in
-- the register (which tells days: one of the same day counts). `unclear_at` is a message of which nobody knows whose it is.
-- * can be told without transition
WITH rated AS (
  SELECT i.work_item_id, i.satisfaction_at
  FROM work_item AS i
  WHERE i.satisfaction_score IS NOT NULL AND i.satisfaction_at IS NOT NULL
),
answered AS (
  SELECT r.work_item_id, m.at, CASE WHEN m.role = 'agent' THEN 1 ELSE 0 END AS is_ours, 0 AS is_undated
  FROM rated AS r
  JOIN message AS m ON m.work_item_id = r.work_item_id
  WHERE m.role IN ('agent', 'unknown') AND m.at >= r.satisfaction_at
  UNION ALL
  SELECT r.work_item_id, o.reopened_at AS at, 1 AS is_ours, 0 AS is_undated
  FROM rated AS r
  JOIN reopening AS o ON o.work_item_id = r.work_item_id
  WHERE o.reopened_at >= r.satisfaction_at
  UNION ALL
  SELECT
    r.work_item_id, g.opened_at AS at, 1 AS is_ours, CASE WHEN g.opened_at IS NULL THEN 1 ELSE 0 END AS is_undated
  FROM rated AS r
  JOIN item_register AS g ON g.work_item_id = r.work_item_id
  WHERE g.kind IN ('complaint', 'improvement') AND COALESCE(g.opened_at + INTERVAL '1' DAY > r.satisfaction_at, TRUE)
)
SELECT
  a.work_item_id, MIN(CASE WHEN a.is_ours = 1 THEN a.at END) AS followed_at,
  MIN(CASE WHEN a.is_ours = 0 THEN a.at END) AS unclear_at, SUM(a.is_undated) AS undated_followups
FROM answered AS a
GROUP BY a.work_item_id
