-- Edits of controlled fields of configuration items that the tool attributes to a service request or to a part of it,
-- and how many changes the request is linked to.
-- linked_changes can be told without relation, work_item.parent_id
WITH edited AS (
  SELECT
    CASE WHEN i.record_type = 'service_request' THEN i.work_item_id ELSE i.parent_id END AS work_item_id, e.event_id,
    e.at, LOWER(TRIM(e.field)) AS field, c.name AS item, c.is_in_scope
  FROM configuration_item_event AS e
  JOIN policy_list AS l ON l.name = 'controlled_item_field' AND l.value = LOWER(TRIM(e.field))
  JOIN work_item AS i ON i.work_item_id = e.work_item_id
  LEFT JOIN known_item AS c ON c.configuration_item_id = e.configuration_item_id
  WHERE i.record_type IN ('service_request', 'task') AND COALESCE(e.actor_kind, '') NOT IN ('discovery', 'integration')
    AND COALESCE(c.is_in_scope, TRUE)
),
linked AS (
  SELECT r.from_id AS work_item_id, r.to_id AS change_id FROM relation AS r
  UNION
  SELECT r.to_id AS work_item_id, r.from_id AS change_id FROM relation AS r
  UNION
  SELECT i.work_item_id, i.parent_id AS change_id FROM work_item AS i WHERE i.parent_id IS NOT NULL
  UNION
  SELECT i.parent_id AS work_item_id, i.work_item_id AS change_id FROM work_item AS i WHERE i.parent_id IS NOT NULL
),
with_change AS (
  SELECT l.work_item_id, COUNT(*) AS changes
  FROM linked AS l
  JOIN work_item AS c ON c.work_item_id = l.change_id
  WHERE c.record_type = 'change' AND COALESCE(c.state, '') NOT IN ('cancelled', 'rejected')
  GROUP BY l.work_item_id
)
SELECT
  e.work_item_id, COUNT(DISTINCT e.event_id) AS edits, MIN(e.item) AS item, MIN(e.field) AS field,
  COUNT(DISTINCT CASE WHEN e.is_in_scope IS NULL THEN e.event_id END) AS unscoped_edits,
  COALESCE(MAX(h.changes), 0) AS linked_changes
FROM edited AS e
LEFT JOIN with_change AS h ON h.work_item_id = e.work_item_id
WHERE e.work_item_id IS NOT NULL
GROUP BY e.work_item_id
