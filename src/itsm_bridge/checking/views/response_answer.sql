-- Response clocks that have stopped, with every message that reached the requester.
-- kept: no
SELECT s.sla_instance_id, s.stopped_at, a.at, a.body_length, a.is_ours
FROM sla_instance AS s
JOIN known_target AS d ON d.sla_definition_id = s.sla_definition_id
JOIN answer AS a ON a.work_item_id = s.work_item_id
WHERE d.metric = 'response' AND COALESCE(d.kind, 'sla') = 'sla' AND s.stage = 'completed'
