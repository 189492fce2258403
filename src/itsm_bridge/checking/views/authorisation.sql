-- Rolled-up decisions, approved or rejected: what counts as the decision on a record.
SELECT
  s.approval_id, s.source_id, s.work_item_id, s.stage, s.decision, s.decided_at, s.decided_basis, s.requested_at, s.round
FROM approval_stage AS s
WHERE s.level = 'rollup' AND s.decision IN ('approved', 'rejected')
