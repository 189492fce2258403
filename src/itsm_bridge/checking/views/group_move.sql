-- Hand-overs of a record from one group to another, in their order. A record that lies without a group in between still
-- goes from the group before to the one after.
WITH moved AS (
  SELECT t.work_item_id, t.at, t.seq, t.new_value,
    CASE
      WHEN COALESCE(t.old_value, '') <> '' THEN t.old_value
      ELSE LAG(t.old_value) OVER (PARTITION BY t.work_item_id ORDER BY t.at NULLS LAST, t.seq NULLS LAST)
    END AS old_value
  FROM transition AS t
  WHERE t.field = 'group'
)
SELECT m.work_item_id, m.at, m.seq, m.old_value, m.new_value,
  ROW_NUMBER() OVER (PARTITION BY m.work_item_id ORDER BY m.at NULLS LAST, m.seq NULLS LAST) AS step
FROM moved AS m
WHERE m.old_value <> '' AND m.new_value <> '' AND m.old_value <> m.new_value
