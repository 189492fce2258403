-- The changes by which problems were resolved: how many, when the first successful one had ended, and how many there are
-- of which it is not known whether or when they succeeded.
-- fixed_at can be told without change_detail.actual_end_at, change.actuals
WITH fix AS (
  SELECT
    r.from_id AS work_item_id, COALESCE(c.actual_end_at, i.closed_at) AS ended_at,
    COALESCE(c.outcome IN ('successful', 'successful_issues'), FALSE) AS is_successful,
    COALESCE(c.outcome, 'unknown') = 'unknown' AND i.state = 'closed' AS is_unclear
  FROM relation AS r
  JOIN work_item AS i ON i.work_item_id = r.to_id
  LEFT JOIN change_detail AS c ON c.work_item_id = r.to_id
  WHERE r.relation_type = 'resolved_by' AND i.record_type = 'change'
)
SELECT
  f.work_item_id, COUNT(*) AS changes, MIN(CASE WHEN f.is_successful THEN f.ended_at END) AS fixed_at,
  SUM(CASE WHEN f.is_unclear OR (f.is_successful AND f.ended_at IS NULL) THEN 1 ELSE 0 END) AS unclear_changes
FROM fix AS f
GROUP BY f.work_item_id
