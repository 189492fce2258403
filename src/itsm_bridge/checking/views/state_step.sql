-- The same, less entries that repeat the state where a tool does not record what was before. Only records that have
-- such entries are put in order a second time.
-- kept: no
WITH repeated AS (
  SELECT DISTINCT e.work_item_id FROM state_entry AS e WHERE e.old_value IS NULL AND e.new_value = e.before
)
SELECT e.transition_id, e.work_item_id, e.at, e.seq, e.old_value, e.new_value, e.reason, e.before, e.after, e.until
FROM state_entry AS e
LEFT JOIN repeated AS r ON r.work_item_id = e.work_item_id
WHERE r.work_item_id IS NULL
UNION ALL
SELECT
  e.transition_id, e.work_item_id, e.at, e.seq, e.old_value, e.new_value, e.reason, e.before,
  LEAD(e.new_value) OVER (PARTITION BY e.work_item_id ORDER BY e.at NULLS LAST, e.seq NULLS LAST) AS after,
  LEAD(e.at) OVER (PARTITION BY e.work_item_id ORDER BY e.at NULLS LAST, e.seq NULLS LAST) AS until
FROM state_entry AS e
JOIN repeated AS r ON r.work_item_id = e.work_item_id
WHERE e.old_value IS NOT NULL OR e.before IS NULL OR e.new_value <> e.before
