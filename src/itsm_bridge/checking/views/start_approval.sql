-- The last approval before a change was carried out, and the first after that.
SELECT
  a.work_item_id,
  MAX(CASE WHEN a.decided_at <= m.implemented_at THEN a.decided_at END) AS approved_for_start_at,
  MIN(CASE WHEN a.decided_at > m.implemented_at THEN a.decided_at END) AS approved_after_start_at
FROM authorisation AS a
JOIN implementation AS m ON m.work_item_id = a.work_item_id
WHERE a.decision = 'approved' AND a.stage IN ('authorize', 'cab', 'ecab')
GROUP BY a.work_item_id
