-- Every account as the policy has it, and where that is silent, as the tool has it.
-- is_shared can be told without person.is_shared
-- supplier_id can be told without person.supplier_id
WITH told AS (
  SELECT r.account, r.source_id, p.person_id FROM account_role AS r JOIN person AS p ON p.login = r.account
  UNION
  SELECT r.account, r.source_id, p.person_id FROM account_role AS r JOIN person AS p ON p.source_key = r.account
),
chosen AS (
  SELECT
    t.person_id, t.account, t.source_id,
    ROW_NUMBER() OVER (PARTITION BY t.person_id ORDER BY t.source_id DESC NULLS LAST, t.account NULLS LAST) AS place
  FROM told AS t
  JOIN person AS p ON p.person_id = t.person_id
  WHERE COALESCE(t.source_id, p.source_id) = p.source_id
)
SELECT
  p.person_id, p.source_id, p.kind, p.is_active,
  COALESCE(r.is_shared, p.is_shared) AS is_shared, COALESCE(r.supplier_id, p.supplier_id) AS supplier_id
FROM person AS p
LEFT JOIN chosen AS c ON c.person_id = p.person_id AND c.place = 1
LEFT JOIN account_role AS r ON r.account = c.account AND COALESCE(r.source_id, '') = COALESCE(c.source_id, '')
