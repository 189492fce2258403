-- Every group as the policy has it, and where that is silent, as the tool has it.
-- kind can be told without support_group.kind
-- tier can be told without support_group.tier
-- supplier_id can be told without support_group.supplier_id
WITH told AS (
  SELECT r.support_group, r.source_id, g.support_group_id
  FROM group_role AS r JOIN support_group AS g ON g.name = r.support_group
  UNION
  SELECT r.support_group, r.source_id, g.support_group_id
  FROM group_role AS r JOIN support_group AS g ON g.source_key = r.support_group
  UNION
  SELECT r.support_group, r.source_id, g.support_group_id
  FROM group_role AS r JOIN support_group AS g ON g.support_group_id = r.support_group
),
chosen AS (
  SELECT
    t.support_group_id, t.support_group, t.source_id,
    ROW_NUMBER() OVER (
      PARTITION BY t.support_group_id ORDER BY t.source_id DESC NULLS LAST, t.support_group NULLS LAST
    ) AS place
  FROM told AS t
  JOIN support_group AS g ON g.support_group_id = t.support_group_id
  WHERE COALESCE(t.source_id, g.source_id) = g.source_id
)
SELECT
  g.support_group_id, g.source_id, g.source_key, g.name,
  COALESCE(r.kind, g.kind) AS kind, COALESCE(r.tier, g.tier) AS tier,
  COALESCE(r.supplier_id, g.supplier_id) AS supplier_id
FROM support_group AS g
LEFT JOIN chosen AS c ON c.support_group_id = g.support_group_id AND c.place = 1
LEFT JOIN group_role AS r
  ON r.support_group = c.support_group AND COALESCE(r.source_id, '') = COALESCE(c.source_id, '')
