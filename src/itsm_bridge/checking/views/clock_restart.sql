-- Resolution clocks that were cancelled, each with every clock of the same metric on the record that started later.
WITH clock AS (
  SELECT s.sla_instance_id, s.work_item_id, s.stage, s.started_at, s.stopped_at, d.metric
  FROM sla_instance AS s
  JOIN known_target AS d ON d.sla_definition_id = s.sla_definition_id
  WHERE COALESCE(d.kind, 'sla') = 'sla' AND d.metric IN ('resolution', 'fulfil')
)
SELECT
  a.sla_instance_id, a.work_item_id, a.started_at, a.stopped_at AS cancelled_at, b.started_at AS restarted_at
FROM clock AS a
JOIN clock AS b ON b.work_item_id = a.work_item_id AND b.metric = a.metric AND b.started_at > a.started_at
WHERE a.stage = 'cancelled'
