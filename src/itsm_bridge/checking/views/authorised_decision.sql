-- Approvals of changes by somebody whom the policy gives the authority: the person who decided holds it, or the group
-- that was asked. Whether the authority reaches far enough is unclear where the change has no risk.
WITH decided AS (
  SELECT
    s.work_item_id, s.decided_at, s.person_id, s.support_group_id, COALESCE(c.change_type, 'normal') AS change_type,
    c.risk
  FROM approval_stage AS s
  JOIN change_detail AS c ON c.work_item_id = s.work_item_id
  WHERE s.decision = 'approved' AND s.stage <> 'technical'
),
matched AS (
  SELECT d.work_item_id, d.decided_at, d.change_type, d.risk, h.change_type AS for_type, h.highest_risk, h.valid_from,
    h.valid_to, h.member_from, h.member_to
  FROM decided AS d JOIN authority_holder AS h ON h.person_id = d.person_id
  UNION ALL
  SELECT d.work_item_id, d.decided_at, d.change_type, d.risk, h.change_type AS for_type, h.highest_risk, h.valid_from,
    h.valid_to, h.member_from, h.member_to
  FROM decided AS d JOIN authority_holder AS h ON h.support_group_id = d.support_group_id
)
SELECT
  m.work_item_id, m.decided_at, m.change_type,
  CASE WHEN m.highest_risk IS NOT NULL AND m.risk IS NULL THEN TRUE ELSE FALSE END AS is_unclear
FROM matched AS m
WHERE (m.for_type IS NULL OR m.for_type = m.change_type)
  AND (m.highest_risk IS NULL OR m.risk IS NULL OR m.risk >= m.highest_risk)
  AND (m.valid_from IS NULL OR m.valid_from <= m.decided_at) AND (m.valid_to IS NULL OR m.valid_to > m.decided_at)
  AND (m.member_from IS NULL OR m.member_from <= m.decided_at) AND (m.member_to IS NULL OR m.member_to > m.decided_at)
