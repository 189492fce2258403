-- What each authority of the policy allows for changes. A delegate may do no more than the authority it stands in for,
-- and nothing where that is not written.
SELECT DISTINCT
  a.authority_id, a.account, a.support_group, COALESCE(a.source_id, p.source_id) AS source_id,
  COALESCE(a.change_type, p.change_type) AS change_type,
  CASE WHEN p.highest_risk IS NULL OR a.highest_risk > p.highest_risk THEN a.highest_risk ELSE p.highest_risk END
    AS highest_risk,
  CASE WHEN p.valid_from IS NULL OR a.valid_from > p.valid_from THEN a.valid_from ELSE p.valid_from END AS valid_from,
  CASE WHEN p.valid_to IS NULL OR a.valid_to < p.valid_to THEN a.valid_to ELSE p.valid_to END AS valid_to
FROM authority AS a
LEFT JOIN authority AS p ON p.authority_id = a.delegate_of AND p.record_type = a.record_type
WHERE a.record_type = 'change'
  AND (a.delegate_of IS NULL
    OR (p.authority_id IS NOT NULL
      AND COALESCE(a.source_id, p.source_id, '') = COALESCE(p.source_id, a.source_id, '')
      AND COALESCE(a.change_type, p.change_type, '') = COALESCE(p.change_type, a.change_type, '')))
