-- Entries of registers that are about a service-level definition, which people name by its name or id.
WITH about AS (
  SELECT r.register_item_id, d.sla_definition_id FROM register_item AS r JOIN sla_definition AS d ON d.name = r.subject_id
  UNION
  SELECT r.register_item_id, d.sla_definition_id
  FROM register_item AS r JOIN sla_definition AS d ON d.sla_definition_id = r.subject_id
)
SELECT
  r.register_item_id, r.kind, r.opened_at, r.closed_at, r.period_from, r.period_to, a.sla_definition_id
FROM register_item AS r
JOIN about AS a ON a.register_item_id = r.register_item_id
