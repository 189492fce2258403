-- The approving votes on each request by the side on which the voter stands; a vote on the request covers its items.
-- * can be told without work_item.parent_id
WITH given AS (
  SELECT v.work_item_id, v.person_id
  FROM vote AS v
  WHERE v.decision = 'approved' AND v.stage IN ('request', 'manager', 'authorize')
),
covering AS (
  SELECT g.work_item_id, g.person_id FROM given AS g
  UNION ALL
  SELECT i.work_item_id, g.person_id FROM given AS g JOIN work_item AS i ON i.parent_id = g.work_item_id
)
SELECT
  c.work_item_id, COUNT(*) AS votes,
  SUM(CASE WHEN c.person_id IS NULL THEN 1 ELSE 0 END) AS anonymous_votes,
  SUM(CASE WHEN c.person_id <> i.requester_id THEN 1 ELSE 0 END) AS others_votes,
  SUM(CASE WHEN c.person_id <> i.requester_id AND c.person_id <> COALESCE(i.opened_by_id, '') THEN 1 ELSE 0 END)
    AS outside_votes
FROM covering AS c
JOIN work_item AS i ON i.work_item_id = c.work_item_id
WHERE i.record_type = 'service_request'
GROUP BY c.work_item_id
