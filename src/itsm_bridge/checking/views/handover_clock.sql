-- Records handed to a supplier, with the clocks on them that measure this supplier, or a team of ours.
-- kept: no
SELECT h.handover_id, h.at, s.started_at, s.stopped_at
FROM supplier_handover AS h
JOIN sla_instance AS s ON s.work_item_id = h.work_item_id
JOIN known_target AS d ON d.sla_definition_id = s.sla_definition_id
WHERE d.kind IN ('uc', 'ola') AND (d.supplier_id IS NULL OR d.supplier_id = h.supplier_id)
