-- Each clause that the policy names, whether it applies and who owns it (as the clauses above it say where it is silent
-- itself), and when it was last audited: at all, and by somebody named who does not own it. An entry of the register may
-- name one clause or several, and covers those below them.
WITH above AS (
  SELECT
    c.clause, p.is_applicable, p.process_owner,
    ROW_NUMBER() OVER (PARTITION BY c.clause ORDER BY CASE WHEN p.is_applicable IS NULL THEN 1 ELSE 0 END NULLS LAST,
      LENGTH(p.clause) DESC NULLS LAST) AS scope_place,
    ROW_NUMBER() OVER (PARTITION BY c.clause ORDER BY CASE WHEN p.process_owner IS NULL THEN 1 ELSE 0 END NULLS LAST,
      LENGTH(p.clause) DESC NULLS LAST) AS owner_place
  FROM clause_scope AS c
  JOIN clause_scope AS p ON p.clause = c.clause OR c.clause LIKE p.clause || '.%'
),
owned AS (
  SELECT
    s.clause, s.is_applicable, o.process_owner
  FROM above AS s
  JOIN above AS o ON o.clause = s.clause AND o.owner_place = 1
  WHERE s.scope_place = 1
),
audited AS (
  SELECT r.clause, r.owner, r.closed_at
  FROM register_item AS r
  WHERE r.kind = 'audit_scope' AND r.closed_at <= $now AND r.clause IS NOT NULL
)
SELECT
  c.clause, c.is_applicable, c.process_owner,
  MAX(a.closed_at) AS last_audited_at,
  MAX(CASE WHEN LOWER(a.owner) <> LOWER(c.process_owner) THEN a.closed_at END) AS last_independent_at,
  MAX(CASE WHEN a.owner IS NOT NULL AND c.process_owner IS NULL THEN a.closed_at END) AS last_unclear_at
FROM owned AS c
LEFT JOIN audited AS a
  ON c.clause = a.clause OR c.clause LIKE a.clause || '.%' OR ' ' || a.clause || ' ' LIKE '% ' || c.clause || ' %'
  OR ';' || a.clause || ';' LIKE '%;' || c.clause || ';%' OR '; ' || a.clause || ';' LIKE '%; ' || c.clause || ';%'
GROUP BY c.clause, c.is_applicable, c.process_owner
