-- The parts of each closed record, and what was still to do when it was closed. What was opened or taken up again only
-- afterwards is a matter of its own. A part without an end, though settled, is undated.
-- * can be told without transition
WITH linked AS (
  SELECT r.to_id AS parent_id, r.from_id AS work_item_id FROM relation AS r WHERE r.relation_type = 'child_of'
  UNION
  SELECT i.parent_id, i.work_item_id FROM work_item AS i WHERE i.parent_id IS NOT NULL
),
resumed AS (
  SELECT o.work_item_id, MIN(o.reopened_at) AS reopened_at FROM reopening AS o GROUP BY o.work_item_id
),
part AS (
  SELECT
    l.parent_id, COALESCE(c.resolved_at, c.closed_at) AS done_at,
    c.state IN ('resolved', 'closed') AS is_settled, COALESCE(c.state, 'unknown') = 'unknown' AS is_unknown,
    COALESCE(c.opened_at > p.closed_at, FALSE)
      OR COALESCE(s.first_settled_at <= p.closed_at AND m.reopened_at > p.closed_at, FALSE) AS is_later
  FROM linked AS l
  JOIN work_item AS p ON p.work_item_id = l.parent_id
  JOIN work_item AS c ON c.work_item_id = l.work_item_id
  LEFT JOIN state_summary AS s ON s.work_item_id = l.work_item_id
  LEFT JOIN resumed AS m ON m.work_item_id = l.work_item_id
  WHERE p.state = 'closed' AND p.record_type IN ('service_request', 'change', 'release')
    AND (c.record_type = 'task' OR c.record_type = p.record_type)
    AND COALESCE(c.state, '') NOT IN ('cancelled', 'rejected')
)
SELECT
  a.parent_id AS work_item_id, COUNT(*) AS parts,
  SUM(CASE WHEN NOT a.is_later AND a.done_at IS NULL AND NOT COALESCE(a.is_settled, FALSE) AND NOT a.is_unknown
    THEN 1 ELSE 0 END) AS unfinished_parts,
  SUM(CASE WHEN NOT a.is_later AND a.done_at IS NULL AND (a.is_settled OR a.is_unknown) THEN 1 ELSE 0 END)
    AS undated_parts,
  MAX(CASE WHEN NOT a.is_later THEN a.done_at END) AS last_part_at
FROM part AS a
GROUP BY a.parent_id
