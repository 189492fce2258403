-- The approvals of a record in one row: how many decisions of which kind, and when the first was taken.
SELECT
  a.work_item_id,
  SUM(CASE WHEN a.stage IN ('authorize', 'cab', 'ecab') THEN 1 ELSE 0 END) AS authorisations,
  SUM(CASE WHEN a.stage IN ('authorize', 'cab', 'ecab') AND a.decided_at IS NULL THEN 1 ELSE 0 END) AS undated_authorisations,
  MIN(CASE WHEN a.stage IN ('authorize', 'cab', 'ecab') THEN a.decided_at END) AS authorised_at,
  SUM(CASE WHEN a.stage IN ('authorize', 'cab', 'ecab', 'retrospective') THEN 1 ELSE 0 END) AS any_authorisations,
  SUM(CASE WHEN a.stage IN ('authorize', 'cab', 'ecab', 'retrospective') AND a.decided_at IS NULL THEN 1 ELSE 0 END)
    AS undated_any_authorisations,
  MIN(CASE WHEN a.stage IN ('authorize', 'cab', 'ecab', 'retrospective') THEN a.decided_at END) AS any_authorised_at,
  MIN(CASE WHEN a.stage = 'technical' THEN a.decided_at END) AS technical_approved_at
FROM authorisation AS a
WHERE a.decision = 'approved'
GROUP BY a.work_item_id
