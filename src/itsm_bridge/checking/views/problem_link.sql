-- Links from an incident to the problem that investigates it. Where the tool keeps no time of the link, it is taken
-- to be as old as the problem.
-- linked_at can be told without relation.created_at
SELECT r.from_id AS work_item_id, r.to_id AS problem_id, COALESCE(r.created_at, i.opened_at) AS linked_at
FROM relation AS r
JOIN work_item AS i ON i.work_item_id = r.to_id
WHERE r.relation_type = 'investigated_by' AND i.record_type = 'problem'
