-- Approvals of service requests in one row; an approval of the request covers its items.
-- * can be told without work_item.parent_id
WITH given AS (
  SELECT a.work_item_id, a.decided_at FROM authorisation AS a
  WHERE a.decision = 'approved' AND a.stage IN ('request', 'manager', 'authorize')
),
covering AS (
  SELECT g.work_item_id, g.decided_at FROM given AS g
  UNION ALL
  SELECT i.work_item_id, g.decided_at FROM given AS g JOIN work_item AS i ON i.parent_id = g.work_item_id
)
SELECT
  c.work_item_id, COUNT(*) AS request_approvals, MIN(c.decided_at) AS request_approved_at,
  SUM(CASE WHEN c.decided_at IS NULL THEN 1 ELSE 0 END) AS undated_request_approvals
FROM covering AS c
GROUP BY c.work_item_id
