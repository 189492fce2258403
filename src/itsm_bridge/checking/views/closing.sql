-- The last closing of each incident and request: when, and by which account. `is_explained` says that another record is
-- the reason for it: the incident of which it is a part or a duplicate, or a change.
-- actor_kind can be told without person
-- is_explained can be told without relation, work_item.parent_id
WITH closed AS (
  SELECT
    t.work_item_id, t.at, t.actor_id, t.actor_kind,
    ROW_NUMBER() OVER (PARTITION BY t.work_item_id ORDER BY t.at DESC NULLS LAST, t.seq DESC NULLS LAST) AS place
  FROM transition AS t
  WHERE t.field = 'state' AND t.new_value = 'closed' AND t.origin = 'native'
),
following AS (
  SELECT r.from_id AS work_item_id
  FROM relation AS r
  JOIN work_item AS o ON o.work_item_id = r.to_id
  WHERE o.record_type = 'change' OR (r.relation_type IN ('child_of', 'duplicate_of') AND o.record_type = 'incident')
  UNION
  SELECT r.to_id AS work_item_id
  FROM relation AS r
  JOIN work_item AS o ON o.work_item_id = r.from_id
  WHERE o.record_type = 'change'
  UNION
  SELECT i.work_item_id
  FROM work_item AS i
  JOIN work_item AS o ON o.work_item_id = i.parent_id
  WHERE o.record_type IN ('incident', 'change')
)
SELECT
  c.work_item_id, c.at, c.actor_id,
  CASE WHEN COALESCE(c.actor_kind, 'unknown') <> 'unknown' THEN c.actor_kind ELSE a.kind END AS actor_kind,
  f.work_item_id IS NOT NULL AS is_explained
FROM closed AS c
JOIN work_item AS i ON i.work_item_id = c.work_item_id
LEFT JOIN known_account AS a ON a.person_id = c.actor_id
LEFT JOIN following AS f ON f.work_item_id = c.work_item_id
WHERE c.place = 1 AND i.state = 'closed' AND i.record_type IN ('incident', 'service_request')
