-- How many service-level clocks a record has, by what is known of them.
SELECT
  s.work_item_id,
  SUM(CASE WHEN d.metric = 'response' THEN 1 ELSE 0 END) AS response_clocks,
  SUM(CASE WHEN d.metric IS NULL THEN 1 ELSE 0 END) AS unnamed_clocks,
  SUM(CASE WHEN d.metric IN ('resolution', 'fulfil') AND COALESCE(d.kind, 'sla') = 'sla' THEN 1 ELSE 0 END)
    AS resolution_clocks,
  MAX(CASE WHEN d.metric IN ('resolution', 'fulfil') AND COALESCE(d.kind, 'sla') = 'sla' THEN s.cycle END)
    AS resolution_cycles
FROM sla_instance AS s
LEFT JOIN known_target AS d ON d.sla_definition_id = s.sla_definition_id
GROUP BY s.work_item_id
