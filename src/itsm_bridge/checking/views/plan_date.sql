-- Since when both planned dates of a change stood in its record, where the history shows one that was empty before.
WITH entered AS (
  SELECT
    t.work_item_id, t.at, t.old_value,
    ROW_NUMBER() OVER (PARTITION BY t.work_item_id, t.field ORDER BY t.at NULLS LAST, t.seq NULLS LAST) AS place
  FROM transition AS t
  WHERE t.field IN ('planned_start', 'planned_end') AND t.new_value <> ''
)
SELECT e.work_item_id, MAX(e.at) AS dates_set_at
FROM entered AS e
WHERE e.place = 1 AND COALESCE(e.old_value, '') = ''
GROUP BY e.work_item_id
