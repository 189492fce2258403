-- The first and the last recorded event of each record, over all fields.
SELECT t.work_item_id, MIN(t.at) AS first_event_at, MAX(t.at) AS last_event_at
FROM transition AS t
WHERE t.origin = 'native'
GROUP BY t.work_item_id
