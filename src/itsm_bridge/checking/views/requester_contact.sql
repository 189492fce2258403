-- The first messages that reached the requester of each record, or of the record that it is a part of: ours, those of
-- which nobody knows who wrote them, and notices of the system.
WITH reached AS (
  SELECT
    m.work_item_id, m.at,
    CASE WHEN m.role = 'system' THEN 'notice' WHEN m.role = 'unknown' THEN 'unknown' ELSE 'ours' END AS side
  FROM message AS m
  WHERE (m.visibility = 'public' OR m.channel = 'phone') AND m.role IN ('agent', 'supplier', 'system', 'unknown')
),
covering AS (
  SELECT i.work_item_id, i.opened_at, r.at, r.side
  FROM reached AS r
  JOIN work_item AS i ON i.work_item_id = r.work_item_id
  UNION ALL
  SELECT i.work_item_id, i.opened_at, r.at, r.side
  FROM reached AS r
  JOIN work_item AS i ON i.parent_id = r.work_item_id
)
SELECT
  c.work_item_id,
  MIN(CASE WHEN c.side = 'ours' THEN c.at END) AS contact_at,
  MIN(CASE WHEN c.side = 'unknown' THEN c.at END) AS perhaps_contact_at,
  MIN(CASE WHEN c.side = 'notice' THEN c.at END) AS notice_at
FROM covering AS c
WHERE c.at >= c.opened_at AND c.opened_at IS NOT NULL
GROUP BY c.work_item_id
