-- When the cause of each problem was found, and whether it ever was a known error, as its details or its history say.
-- cause_found_at can be told without transition
-- was_known_error can be told without transition
WITH told AS (
  SELECT
    t.work_item_id, MIN(CASE WHEN t.field = 'root_cause' THEN t.at END) AS cause_found_at,
    MIN(CASE WHEN t.field <> 'root_cause' THEN t.at END) AS known_error_at
  FROM transition AS t
  JOIN work_item AS i ON i.work_item_id = t.work_item_id
  WHERE i.record_type = 'problem' AND (
    t.field = 'root_cause' OR (t.field = 'state' AND t.new_value = 'known_error')
    OR (t.field = 'known_error' AND LOWER(t.new_value) IN ('true', '1', 'yes')))
  GROUP BY t.work_item_id
)
SELECT
  i.work_item_id, COALESCE(p.root_cause_at, t.cause_found_at) AS cause_found_at,
  COALESCE(p.is_known_error, FALSE) OR p.known_error_at IS NOT NULL OR t.known_error_at IS NOT NULL
    OR COALESCE(i.state, '') = 'known_error' AS was_known_error
FROM work_item AS i
LEFT JOIN problem_detail AS p ON p.work_item_id = i.work_item_id
LEFT JOIN told AS t ON t.work_item_id = i.work_item_id
WHERE i.record_type = 'problem'
