-- Edits of controlled fields of configuration items, each with the change that it is attributed to, if any, and the
-- changes on the item that lie nearest: until when those that had begun went on, when the next one began, and between
-- which times changes were open of which it is not known when they were carried out.
WITH edited AS (
  SELECT
    e.event_id, e.source_id, e.configuration_item_id, e.at, e.actor_kind, e.field,
    CASE WHEN i.record_type = 'task' THEN COALESCE(o.record_type, 'task') ELSE i.record_type END AS record_type,
    CASE WHEN i.record_type = 'change' THEN i.work_item_id WHEN o.record_type = 'change' THEN o.work_item_id END AS change_id
  FROM configuration_item_event AS e
  JOIN policy_list AS l ON l.name = 'controlled_item_field' AND l.value = LOWER(TRIM(e.field))
  LEFT JOIN work_item AS i ON i.work_item_id = e.work_item_id
  LEFT JOIN work_item AS o ON o.work_item_id = i.parent_id
),
carried AS (
  SELECT
    m.work_item_id, i.number, i.state, i.opened_at, i.closed_at, m.implemented_at,
    COALESCE(c.actual_end_at, i.closed_at, $now) AS ended_at
  FROM implementation AS m
  JOIN work_item AS i ON i.work_item_id = m.work_item_id
  LEFT JOIN change_detail AS c ON c.work_item_id = m.work_item_id
),
worked AS (
  SELECT t.configuration_item_id, d.state, d.opened_at, d.closed_at, d.implemented_at, d.ended_at
  FROM carried AS d
  JOIN touched_item AS t ON t.work_item_id = d.work_item_id
  JOIN (SELECT DISTINCT e.configuration_item_id FROM edited AS e) AS x
    ON x.configuration_item_id = t.configuration_item_id
),
undated AS (
  SELECT k.configuration_item_id, MIN(k.opened_at) AS from_at, MAX(COALESCE(k.closed_at, $now)) AS until_at
  FROM worked AS k
  WHERE k.implemented_at IS NULL AND k.state IN ('implement', 'review', 'closed')
  GROUP BY k.configuration_item_id
),
line AS (
  SELECT k.configuration_item_id, k.implemented_at AS at, k.ended_at, CAST(NULL AS VARCHAR) AS event_id
  FROM worked AS k
  WHERE k.implemented_at IS NOT NULL
  UNION ALL
  SELECT e.configuration_item_id, e.at, CAST(NULL AS TIMESTAMP) AS ended_at, e.event_id FROM edited AS e
),
placed AS (
  SELECT
    n.event_id,
    MAX(n.ended_at) OVER (
      PARTITION BY n.configuration_item_id ORDER BY n.at NULLS LAST, n.event_id NULLS FIRST
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS work_until,
    MIN(CASE WHEN n.event_id IS NULL THEN n.at END) OVER (
      PARTITION BY n.configuration_item_id ORDER BY n.at NULLS LAST, n.event_id NULLS FIRST
      ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
    ) AS work_from
  FROM line AS n
)
SELECT
  e.event_id, e.source_id, e.at, COALESCE(e.actor_kind, 'unknown') AS actor_kind, e.field,
  COALESCE(e.record_type, '') AS for_type, c.name AS item, c.status, c.is_in_scope, e.change_id, d.number AS change,
  d.state AS change_state, d.implemented_at AS change_from, d.ended_at AS change_until, p.work_until, p.work_from,
  u.from_at AS undated_from, u.until_at AS undated_until
FROM edited AS e
JOIN placed AS p ON p.event_id = e.event_id
LEFT JOIN known_item AS c ON c.configuration_item_id = e.configuration_item_id
LEFT JOIN carried AS d ON d.work_item_id = e.change_id
LEFT JOIN undated AS u ON u.configuration_item_id = e.configuration_item_id
