-- Changes of impact or urgency, and who made them.
SELECT t.transition_id, t.work_item_id, t.at, t.actor_id
FROM transition AS t
WHERE t.field IN ('impact', 'urgency')
