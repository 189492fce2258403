-- Single votes, approved or rejected; the person who really decided wins over the person asked.
SELECT
  s.approval_id, s.source_id, s.work_item_id, s.stage, s.decision, s.decided_at, s.person_id, s.group_kind
FROM approval_stage AS s
WHERE s.level = 'vote' AND s.decision IN ('approved', 'rejected')
