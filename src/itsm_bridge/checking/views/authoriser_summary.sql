-- The approving votes that authorise a record, by the side on which the voter stands.
SELECT
  v.work_item_id, COUNT(*) AS votes,
  SUM(CASE WHEN p.person_id IS NOT NULL AND p.supplier_id IS NULL THEN 1 ELSE 0 END) AS in_house_votes,
  SUM(CASE WHEN p.person_id IS NULL THEN 1 ELSE 0 END) AS anonymous_votes
FROM vote AS v
LEFT JOIN known_account AS p ON p.person_id = v.person_id
WHERE v.decision = 'approved' AND v.stage IN ('authorize', 'cab', 'ecab', 'retrospective')
GROUP BY v.work_item_id
