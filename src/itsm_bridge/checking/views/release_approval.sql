-- When each release was first approved. A technical opinion approves nothing, nor does what was signed afterwards.
SELECT
  a.work_item_id, MIN(a.decided_at) AS approved_at,
  SUM(CASE WHEN a.decided_at IS NULL THEN 1 ELSE 0 END) AS undated_approvals
FROM authorisation AS a
JOIN work_item AS i ON i.work_item_id = a.work_item_id
WHERE i.record_type = 'release' AND a.decision = 'approved' AND a.stage NOT IN ('technical', 'retrospective')
GROUP BY a.work_item_id
