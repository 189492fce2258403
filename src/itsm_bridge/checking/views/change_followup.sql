-- What became of changes, as links tell: records that remedied them, and records that looked into them. An incident
-- that a change caused remedies it once it is resolved.
WITH followed AS (
  SELECT r.from_id AS work_item_id, CASE WHEN r.relation_type = 'investigated_by' THEN 1 ELSE 0 END AS is_inquiry
  FROM relation AS r
  WHERE r.relation_type IN ('remediated_by', 'resolved_by', 'investigated_by')
  UNION ALL
  SELECT r.to_id AS work_item_id, CASE WHEN i.record_type = 'problem' THEN 1 ELSE 0 END AS is_inquiry
  FROM relation AS r
  JOIN work_item AS i ON i.work_item_id = r.from_id
  WHERE r.relation_type = 'caused_by'
    AND (i.record_type = 'problem' OR (i.record_type = 'incident' AND i.state IN ('resolved', 'closed')))
)
SELECT f.work_item_id, COUNT(*) AS followups, SUM(f.is_inquiry) AS inquiries
FROM followed AS f
GROUP BY f.work_item_id
