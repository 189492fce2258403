-- Decisions on a record: those of whole rounds, and single votes where the tool rolls nothing up.
WITH rolled AS (
  SELECT DISTINCT a.work_item_id FROM approval AS a WHERE a.level = 'rollup' AND a.decision IN ('approved', 'rejected')
)
SELECT
  s.work_item_id, s.decided_at AS at,
  CASE
    WHEN s.stage = 'technical' AND s.decision = 'approved' THEN 'endorse'
    WHEN s.stage = 'technical' THEN 'object'
    WHEN s.decision = 'approved' THEN 'approve'
    ELSE 'reject'
  END AS activity
FROM approval_stage AS s
LEFT JOIN rolled AS r ON r.work_item_id = s.work_item_id
WHERE s.decision IN ('approved', 'rejected') AND (s.level = 'rollup' OR r.work_item_id IS NULL)
