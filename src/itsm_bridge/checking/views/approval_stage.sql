-- Votes and decisions with what they decide: the stage that the tool states; else the kind of group asked; else the
-- state that the record was in just before (assess: a technical opinion); else what its type makes of it.
-- stage can be told without transition, approval.decided_at, support_group, work_item.state, work_item.created_at, work_item.opened_at
SELECT
  a.approval_id, a.source_id, a.work_item_id, a.level, a.round, a.decision, a.decided_at, a.decided_basis,
  a.requested_at, a.support_group_id,
  COALESCE(a.decided_by_id, a.approver_id) AS person_id, g.kind AS group_kind, a.comment_length,
  CASE
    WHEN a.stage IS NOT NULL THEN a.stage
    WHEN g.kind IN ('cab', 'ecab') THEN g.kind
    WHEN z.state = 'assess' THEN 'technical'
    WHEN i.record_type = 'service_request' THEN 'request'
    WHEN i.record_type = 'release' THEN 'release'
    ELSE 'authorize'
  END AS stage
FROM approval AS a
JOIN work_item AS i ON i.work_item_id = a.work_item_id
LEFT JOIN known_group AS g ON g.support_group_id = a.support_group_id
LEFT JOIN state_interval AS z
  ON z.work_item_id = a.work_item_id AND z.state = 'assess' AND i.record_type = 'change'
  AND z.from_at < COALESCE(a.decided_at, a.requested_at)
  AND (z.to_at IS NULL OR z.to_at >= COALESCE(a.decided_at, a.requested_at))
