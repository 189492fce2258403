-- Hand-overs between groups, and returns to a group that the record had already left, per record.
WITH departed AS (
  SELECT h.work_item_id, h.old_value AS group_id, MIN(h.step) AS step
  FROM group_move AS h
  GROUP BY h.work_item_id, h.old_value
)
SELECT h.work_item_id, COUNT(*) AS handoff_count, SUM(CASE WHEN d.step < h.step THEN 1 ELSE 0 END) AS return_count
FROM group_move AS h
LEFT JOIN departed AS d ON d.work_item_id = h.work_item_id AND d.group_id = h.new_value
GROUP BY h.work_item_id
