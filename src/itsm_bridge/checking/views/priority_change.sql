-- Changes of priority between known ranks, and whether somebody else changed impact or urgency at the same time.
SELECT
  t.transition_id, t.source_id, t.work_item_id, t.at, t.seq, t.actor_id,
  TRY_CAST(t.old_value AS INTEGER) AS old_priority, TRY_CAST(t.new_value AS INTEGER) AS new_priority
FROM transition AS t
WHERE t.field = 'priority' AND t.old_value IS NOT NULL
