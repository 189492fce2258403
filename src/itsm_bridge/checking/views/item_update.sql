-- Items that a change touched, each with the last update of their record before the change began and the first one since:
-- as their history says, and where it says nothing, by the time of their last update or verification.
-- * can be told without ci.history, configuration_item_event, configuration_item.last_verified_at
WITH carried AS (
  SELECT t.configuration_item_id, t.work_item_id, m.implemented_at
  FROM implementation AS m
  JOIN touched_item AS t ON t.work_item_id = m.work_item_id
),
telling AS (
  SELECT DISTINCT e.source_id FROM configuration_item_event AS e
),
updated AS (
  SELECT e.configuration_item_id, e.at FROM configuration_item_event AS e
  UNION
  SELECT c.configuration_item_id, c.updated_at AS at FROM configuration_item AS c
  UNION
  SELECT c.configuration_item_id, c.last_verified_at AS at FROM configuration_item AS c
),
line AS (
  SELECT d.configuration_item_id, d.work_item_id, d.implemented_at AS at, 0 AS is_update FROM carried AS d
  UNION ALL
  SELECT u.configuration_item_id, CAST(NULL AS VARCHAR) AS work_item_id, u.at, 1 AS is_update
  FROM updated AS u
  WHERE u.at IS NOT NULL
),
placed AS (
  SELECT
    n.configuration_item_id, n.work_item_id, n.is_update,
    MAX(CASE WHEN n.is_update = 1 THEN n.at END) OVER (
      PARTITION BY n.configuration_item_id
      ORDER BY n.at NULLS LAST, n.is_update NULLS LAST, n.work_item_id NULLS LAST
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS before_at,
    MIN(CASE WHEN n.is_update = 1 THEN n.at END) OVER (
      PARTITION BY n.configuration_item_id
      ORDER BY n.at NULLS LAST, n.is_update NULLS LAST, n.work_item_id NULLS LAST
      ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
    ) AS since_at
  FROM line AS n
)
SELECT
  CONCAT(p.work_item_id, '>', COALESCE(c.source_key, p.configuration_item_id)) AS use_id, p.work_item_id, c.name,
  p.before_at, p.since_at, t.source_id IS NOT NULL AS has_history
FROM placed AS p
LEFT JOIN configuration_item AS c ON c.configuration_item_id = p.configuration_item_id
LEFT JOIN telling AS t ON t.source_id = c.source_id
WHERE p.is_update = 0
