-- When dates, risk, type, items, scope or plans of a change were last altered before it was carried out; filling in
-- what was empty alters nothing.
SELECT
  t.work_item_id, MAX(t.at) AS plan_edited_at,
  MAX(CASE WHEN t.field NOT IN ('implementation_plan', 'backout_plan', 'scope') THEN t.at END) AS terms_edited_at
FROM transition AS t
JOIN implementation AS m ON m.work_item_id = t.work_item_id
WHERE t.field IN (
    'risk', 'planned_start', 'planned_end', 'configuration_item', 'change_type', 'implementation_plan', 'backout_plan',
    'scope')
  AND t.at <= m.implemented_at AND t.old_value <> '' AND t.old_value <> COALESCE(t.new_value, '')
GROUP BY t.work_item_id
