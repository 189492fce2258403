-- Entries of registers that are about a record, which people name by its number or id.
WITH about AS (
  SELECT r.register_item_id, i.work_item_id FROM register_item AS r JOIN work_item AS i ON i.number = r.subject_id
  UNION
  SELECT r.register_item_id, i.work_item_id
  FROM register_item AS r JOIN work_item AS i ON i.work_item_id = r.subject_id
)
SELECT
  r.register_item_id, r.kind, r.clause, r.title, r.subject_id, r.owner, r.opened_at, r.due_at, r.escalated_at,
  r.closed_at, r.period_from, r.period_to, r.cause_length, r.action_length, r.effect_verified_at, r.target_value,
  r.actual_value, r.communicated_at, r.evidence_reference, a.work_item_id
FROM register_item AS r
JOIN about AS a ON a.register_item_id = r.register_item_id
