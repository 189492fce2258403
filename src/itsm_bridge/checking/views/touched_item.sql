-- The configuration items that records are about, whether as their own or as one of several.
SELECT i.work_item_id, i.configuration_item_id
FROM work_item AS i
WHERE i.configuration_item_id IS NOT NULL
UNION
SELECT l.work_item_id, l.configuration_item_id
FROM work_item_configuration_item AS l
WHERE COALESCE(l.role, 'affected') = 'affected'
