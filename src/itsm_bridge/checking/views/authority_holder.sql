-- The accounts and groups that hold an authority in their source, each member of such a group included.
WITH held AS (
  SELECT g.authority_id, p.source_id, p.person_id, CAST(NULL AS VARCHAR) AS support_group_id
  FROM authority_grant AS g JOIN person AS p ON p.login = g.account
  UNION
  SELECT g.authority_id, p.source_id, p.person_id, CAST(NULL AS VARCHAR) AS support_group_id
  FROM authority_grant AS g JOIN person AS p ON p.source_key = g.account
  UNION
  SELECT g.authority_id, s.source_id, CAST(NULL AS VARCHAR) AS person_id, s.support_group_id
  FROM authority_grant AS g JOIN support_group AS s ON s.name = g.support_group
  UNION
  SELECT g.authority_id, s.source_id, CAST(NULL AS VARCHAR) AS person_id, s.support_group_id
  FROM authority_grant AS g JOIN support_group AS s ON s.source_key = g.support_group
  UNION
  SELECT g.authority_id, s.source_id, CAST(NULL AS VARCHAR) AS person_id, s.support_group_id
  FROM authority_grant AS g JOIN support_group AS s ON s.support_group_id = g.support_group
),
staffed AS (
  SELECT
    h.authority_id, h.source_id, h.person_id, h.support_group_id, CAST(NULL AS TIMESTAMP) AS member_from,
    CAST(NULL AS TIMESTAMP) AS member_to
  FROM held AS h
  UNION ALL
  SELECT
    h.authority_id, h.source_id, m.person_id, CAST(NULL AS VARCHAR) AS support_group_id, m.valid_from AS member_from,
    m.valid_to AS member_to
  FROM held AS h JOIN membership AS m ON m.support_group_id = h.support_group_id
)
SELECT DISTINCT
  h.source_id, h.person_id, h.support_group_id, h.member_from, h.member_to, g.change_type, g.highest_risk,
  g.valid_from, g.valid_to
FROM staffed AS h
JOIN authority_grant AS g ON g.authority_id = h.authority_id
WHERE COALESCE(g.source_id, h.source_id) = h.source_id
