-- The first public message of an agent or supplier after a record was opened.
-- kept: no
SELECT m.work_item_id, MIN(m.at) AS at
FROM message AS m
JOIN work_item AS i ON i.work_item_id = m.work_item_id
WHERE m.visibility = 'public' AND m.role IN ('agent', 'supplier') AND m.at >= i.opened_at
GROUP BY m.work_item_id
