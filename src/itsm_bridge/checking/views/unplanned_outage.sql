-- Outages without a plan, of which the start is known; what ends before it begins is left out. An outage belongs to the service of its record, else to the
-- service that is the item which was out. `place` is what was out: the service, else the item, else it stands alone.
-- service_id can be told without configuration_item
-- place can be told without configuration_item
-- rows can be told without configuration_item
SELECT
  o.outage_id, o.source_id, COALESCE(i.service_id, v.service_id) AS service_id, o.work_item_id AS record_id,
  COALESCE(i.service_id, v.service_id, o.configuration_item_id, o.outage_id) AS place, o.started_at, o.ended_at
FROM outage AS o
LEFT JOIN work_item AS i ON i.work_item_id = o.work_item_id
LEFT JOIN configuration_item AS c ON c.configuration_item_id = o.configuration_item_id
LEFT JOIN service AS v ON v.source_id = c.source_id AND v.source_key = c.source_key
WHERE COALESCE(o.outage_type, 'unknown') IN ('outage', 'unknown') AND o.started_at <= COALESCE(o.ended_at, $now)
