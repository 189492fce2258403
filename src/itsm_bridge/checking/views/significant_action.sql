-- Each decision of the period that somebody has to answer for: that a record is authorised, scheduled, implemented,
-- resolved or closed, or approved, with what is known of the account behind it.
SELECT
  t.transition_id, t.work_item_id, t.at, t.field, t.new_value AS action, t.actor_id, a.is_shared,
  CASE WHEN COALESCE(t.actor_kind, 'unknown') <> 'unknown' THEN t.actor_kind ELSE COALESCE(a.kind, 'unknown') END AS actor_kind
FROM transition AS t
LEFT JOIN known_account AS a ON a.person_id = t.actor_id
WHERE t.at >= $period_from AND t.at < $period_to AND t.origin = 'native'
  AND ((t.field = 'state' AND t.new_value IN ('authorize', 'scheduled', 'implement', 'resolved', 'closed'))
    OR (t.field = 'approval' AND t.new_value = 'approved'))
