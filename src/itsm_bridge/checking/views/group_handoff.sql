-- Hand-overs between groups, and returns to a group that the record had already left, per record.
WITH handed AS (
  SELECT t.work_item_id, t.old_value, t.new_value,
    ROW_NUMBER() OVER (PARTITION BY t.work_item_id ORDER BY t.at NULLS LAST, t.seq NULLS LAST) AS step
  FROM transition AS t
  WHERE t.field = 'group' AND t.old_value IS NOT NULL AND t.old_value <> '' AND t.old_value <> t.new_value
),
departed AS (
  SELECT h.work_item_id, h.old_value AS group_id, MIN(h.step) AS step
  FROM handed AS h
  GROUP BY h.work_item_id, h.old_value
)
SELECT h.work_item_id, COUNT(*) AS handoff_count, SUM(CASE WHEN d.step < h.step THEN 1 ELSE 0 END) AS return_count
FROM handed AS h
LEFT JOIN departed AS d ON d.work_item_id = h.work_item_id AND d.group_id = h.new_value
GROUP BY h.work_item_id
