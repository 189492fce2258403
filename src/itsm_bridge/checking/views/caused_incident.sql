-- Incidents of which somebody said that a change caused them.
SELECT
  r.to_id AS work_item_id, i.work_item_id AS incident_id, i.priority, COALESCE(i.occurred_at, i.opened_at) AS began_at
FROM relation AS r
JOIN work_item AS i ON i.work_item_id = r.from_id
WHERE r.relation_type = 'caused_by' AND i.record_type = 'incident' AND COALESCE(i.state, '') <> 'cancelled'
