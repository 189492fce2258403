-- Links between records and configuration items, each once: since when, as the link says, else as old as the record. With
-- what is known of the status of the item.
WITH used AS (
  SELECT i.work_item_id, i.configuration_item_id, CAST(NULL AS TIMESTAMP) AS added_at
  FROM work_item AS i
  WHERE i.configuration_item_id IS NOT NULL
  UNION ALL
  SELECT l.work_item_id, l.configuration_item_id, l.added_at FROM work_item_configuration_item AS l
),
once AS (
  SELECT u.work_item_id, u.configuration_item_id, MIN(u.added_at) AS added_at
  FROM used AS u
  GROUP BY u.work_item_id, u.configuration_item_id
)
SELECT
  CONCAT(o.work_item_id, '>', COALESCE(c.source_key, o.configuration_item_id)) AS use_id, o.work_item_id,
  COALESCE(o.added_at, i.opened_at) AS added_at, c.name, c.status, c.status_since, c.updated_at
FROM once AS o
JOIN work_item AS i ON i.work_item_id = o.work_item_id
LEFT JOIN configuration_item AS c ON c.configuration_item_id = o.configuration_item_id
