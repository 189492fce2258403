-- The last refusal of each request before it was fulfilled, and the first approval from then on. A decision on the
-- request covers its items.
-- * can be told without work_item.parent_id
WITH given AS (
  SELECT a.work_item_id, a.decided_at, a.decision
  FROM authorisation AS a
  WHERE a.stage IN ('request', 'manager', 'authorize')
),
covering AS (
  SELECT g.work_item_id, g.decided_at, g.decision FROM given AS g
  UNION ALL
  SELECT i.work_item_id, g.decided_at, g.decision FROM given AS g JOIN work_item AS i ON i.parent_id = g.work_item_id
),
refused AS (
  SELECT
    c.work_item_id,
    MAX(CASE WHEN c.decided_at <= COALESCE(i.resolved_at, i.closed_at) THEN c.decided_at END) AS refused_at,
    SUM(CASE WHEN c.decided_at IS NULL THEN 1 ELSE 0 END) AS undated_refusals
  FROM covering AS c
  JOIN work_item AS i ON i.work_item_id = c.work_item_id
  WHERE c.decision = 'rejected'
  GROUP BY c.work_item_id
)
SELECT
  r.work_item_id, r.refused_at, r.undated_refusals,
  MIN(CASE WHEN c.decided_at >= r.refused_at THEN c.decided_at END) AS reapproved_at,
  SUM(CASE WHEN c.work_item_id IS NOT NULL AND c.decided_at IS NULL THEN 1 ELSE 0 END) AS undated_approvals
FROM refused AS r
LEFT JOIN covering AS c ON c.work_item_id = r.work_item_id AND c.decision = 'approved'
GROUP BY r.work_item_id, r.refused_at, r.undated_refusals
