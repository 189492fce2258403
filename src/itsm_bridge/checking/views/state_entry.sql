-- Every recorded change of state with the recorded states before and after it. Entries that change nothing are left
-- out: several states of the tool may be one of ours.
SELECT
  t.transition_id, t.work_item_id, t.at, t.seq, t.old_value, t.new_value, t.reason,
  LAG(t.new_value) OVER (PARTITION BY t.work_item_id ORDER BY t.at NULLS LAST, t.seq NULLS LAST) AS before,
  LEAD(t.new_value) OVER (PARTITION BY t.work_item_id ORDER BY t.at NULLS LAST, t.seq NULLS LAST) AS after,
  LEAD(t.at) OVER (PARTITION BY t.work_item_id ORDER BY t.at NULLS LAST, t.seq NULLS LAST) AS until
FROM transition AS t
WHERE t.field = 'state' AND t.new_value IS NOT NULL AND t.new_value <> COALESCE(t.old_value, '')
