-- Per change, the reports on its result that the register holds, and until when those that are not done are due.
SELECT
  r.work_item_id, SUM(CASE WHEN r.closed_at <= $now THEN 1 ELSE 0 END) AS reports,
  MAX(CASE WHEN r.closed_at IS NULL OR r.closed_at > $now THEN r.due_at END) AS report_due_at
FROM item_register AS r
WHERE r.kind = 'transition_report'
GROUP BY r.work_item_id
