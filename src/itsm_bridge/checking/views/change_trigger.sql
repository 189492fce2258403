-- Incidents and problems that changes are linked to, less those that the change itself caused.
WITH linked AS (
  SELECT r.from_id AS work_item_id, r.to_id AS trigger_id FROM relation AS r
  UNION
  SELECT r.to_id AS work_item_id, r.from_id AS trigger_id FROM relation AS r WHERE r.relation_type <> 'caused_by'
  UNION
  SELECT c.work_item_id, c.parent_id AS trigger_id FROM work_item AS c
  WHERE c.record_type = 'change' AND c.parent_id IS NOT NULL
)
SELECT
  l.work_item_id, l.trigger_id, i.priority, COALESCE(i.is_security, FALSE) OR COALESCE(i.is_major, FALSE) AS is_grave,
  CASE WHEN i.occurred_at < i.opened_at THEN i.occurred_at ELSE i.opened_at END AS began_at
FROM linked AS l
JOIN work_item AS c ON c.work_item_id = l.work_item_id
JOIN work_item AS i ON i.work_item_id = l.trigger_id
WHERE c.record_type = 'change' AND i.record_type IN ('incident', 'problem')
