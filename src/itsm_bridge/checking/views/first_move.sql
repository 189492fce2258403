-- When somebody of ours first took a record into work: moved it to assigned or in progress.
-- * can be told without person, work_item.requester_id
SELECT t.work_item_id, MIN(t.at) AS at
FROM transition AS t
JOIN work_item AS i ON i.work_item_id = t.work_item_id
LEFT JOIN person AS p ON p.person_id = t.actor_id
WHERE t.field = 'state' AND t.new_value IN ('assigned', 'in_progress') AND t.origin = 'native' AND t.at >= i.opened_at
  AND CASE
    WHEN t.actor_kind IN ('agent', 'supplier') THEN TRUE
    WHEN t.actor_kind IS NOT NULL AND t.actor_kind <> 'unknown' THEN FALSE
    WHEN t.actor_id IS NULL THEN FALSE
    WHEN p.kind IN ('system', 'integration', 'customer') THEN FALSE
    ELSE t.actor_id <> COALESCE(i.requester_id, '')
  END
GROUP BY t.work_item_id
