-- How each check that can be a nonconformity did in earlier periods of each source: in how many it was assessed, in how
-- many of the latest of these in a row it failed, and the nonconformities of the register that name it.
WITH assessed AS (
  SELECT
    e.source_id, e.check_id, e.period_to, CASE WHEN e.status IN ('deviation', 'systemic') THEN 1 ELSE 0 END AS is_failing,
    ROW_NUMBER() OVER (PARTITION BY e.source_id, e.check_id ORDER BY e.periods_back NULLS LAST) AS place
  FROM earlier_result AS e
  WHERE e.status <> 'not_assessed' AND e.severity <> 'ofi'
),
named AS (
  SELECT r.register_item_id, r.evidence_reference AS check_id FROM register_item AS r WHERE r.kind = 'nonconformity'
  UNION
  SELECT r.register_item_id, r.subject_id AS check_id FROM register_item AS r WHERE r.kind = 'nonconformity'
),
raised AS (
  SELECT
    n.check_id, MAX(CASE WHEN r.opened_at <= $now THEN r.opened_at END) AS raised_at,
    SUM(CASE WHEN r.opened_at IS NULL THEN 1 ELSE 0 END) AS undated_raised,
    SUM(CASE WHEN r.closed_at IS NULL AND r.opened_at <= $now THEN 1 ELSE 0 END) AS open_raised
  FROM named AS n
  JOIN register_item AS r ON r.register_item_id = n.register_item_id
  GROUP BY n.check_id
),
counted AS (
  SELECT
    a.source_id, a.check_id, COUNT(a.place) AS periods, MAX(a.period_to) AS last_period_to,
    COALESCE(MIN(CASE WHEN a.is_failing = 0 THEN a.place END) - 1, COUNT(a.place)) AS failing_run
  FROM assessed AS a
  GROUP BY a.source_id, a.check_id
)
SELECT
  c.source_id, c.check_id, c.source_id || ':' || c.check_id AS repeated_result_id, c.periods, c.failing_run,
  c.last_period_to, r.raised_at, COALESCE(r.undated_raised, 0) AS undated_raised,
  COALESCE(r.open_raised, 0) AS open_raised
FROM counted AS c
LEFT JOIN raised AS r ON r.check_id = c.check_id
