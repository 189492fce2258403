-- Each time a record came to a group that a supplier staffs; one that never changed its group came to it when opened.
WITH moved AS (
  SELECT DISTINCT t.work_item_id FROM transition AS t WHERE t.field = 'group'
)
SELECT
  t.transition_id AS handover_id, t.work_item_id, t.at, g.supplier_id, g.name AS group_name,
  o.supplier_id AS previous_supplier_id
FROM transition AS t
JOIN known_group AS g ON g.support_group_id = t.new_value
LEFT JOIN known_group AS o ON o.support_group_id = t.old_value
WHERE t.field = 'group' AND g.supplier_id IS NOT NULL
UNION ALL
SELECT
  i.work_item_id AS handover_id, i.work_item_id, i.opened_at AS at, g.supplier_id, g.name AS group_name,
  NULL AS previous_supplier_id
FROM work_item AS i
JOIN known_group AS g ON g.support_group_id = i.support_group_id
LEFT JOIN moved AS m ON m.work_item_id = i.work_item_id
WHERE m.work_item_id IS NULL AND g.supplier_id IS NOT NULL
