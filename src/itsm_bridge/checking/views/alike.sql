-- Incidents and problems by what they are about: service, category and configuration item, in one word. Whether that tells
-- them apart at all, because there is an item or a category that is neither a catch-all nor the service again; whether an incident counts as an event of
-- its own, which cancelled ones, duplicates and parts of another incident do not; whether a problem investigates it; and
-- whether a problem is still there.
-- * can be told without ci.link
WITH part AS (
  SELECT DISTINCT r.from_id AS work_item_id
  FROM relation AS r
  JOIN work_item AS o ON o.work_item_id = r.to_id
  WHERE r.relation_type IN ('child_of', 'duplicate_of') AND o.record_type = 'incident'
),
linked AS (
  SELECT DISTINCT p.work_item_id FROM problem_link AS p
)
SELECT
  i.work_item_id, i.source_id, i.record_type, i.state, i.opened_at, i.closed_at, i.service_id,
  COALESCE(LOWER(TRIM(i.category)), '') AS category, i.configuration_item_id,
  CONCAT(i.service_id, '|', COALESCE(LOWER(TRIM(i.category)), ''), '|', COALESCE(i.configuration_item_id, '')) AS topic,
  i.configuration_item_id IS NOT NULL OR (TRIM(i.category) <> '' AND l.name IS NULL
    AND COALESCE(LOWER(TRIM(i.category)) <> LOWER(TRIM(v.name)), TRUE)) AS is_telling,
  i.record_type = 'incident' AND COALESCE(i.state, '') <> 'cancelled' AND COALESCE(i.resolution_code, '') <> 'duplicate'
    AND p.work_item_id IS NULL AND COALESCE(o.record_type, '') <> 'incident' AS is_event,
  k.work_item_id IS NOT NULL AS has_problem,
  i.record_type = 'problem' AND COALESCE(i.state, '') NOT IN ('closed', 'cancelled') AS is_open_problem
FROM work_item AS i
LEFT JOIN part AS p ON p.work_item_id = i.work_item_id
LEFT JOIN service AS v ON v.service_id = i.service_id
LEFT JOIN linked AS k ON k.work_item_id = i.work_item_id
LEFT JOIN work_item AS o ON o.work_item_id = i.parent_id
LEFT JOIN policy_list AS l ON l.name = 'default_category' AND l.value = LOWER(TRIM(i.category))
WHERE i.record_type IN ('incident', 'problem') AND i.service_id IS NOT NULL
