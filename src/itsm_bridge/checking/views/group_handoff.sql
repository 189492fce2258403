-- Hand-overs between groups, and returns to a group that the record had already left, per record.
-- A record that lies without a group in between still goes from the group before to the one after.
WITH moved AS (
  SELECT t.work_item_id, t.at, t.seq, t.new_value,
    CASE
      WHEN COALESCE(t.old_value, '') <> '' THEN t.old_value
      ELSE LAG(t.old_value) OVER (PARTITION BY t.work_item_id ORDER BY t.at NULLS LAST, t.seq NULLS LAST)
    END AS old_value
  FROM transition AS t
  WHERE t.field = 'group'
),
handed AS (
  SELECT m.work_item_id, m.old_value, m.new_value,
    ROW_NUMBER() OVER (PARTITION BY m.work_item_id ORDER BY m.at NULLS LAST, m.seq NULLS LAST) AS step
  FROM moved AS m
  WHERE m.old_value <> '' AND m.new_value <> '' AND m.old_value <> m.new_value
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
