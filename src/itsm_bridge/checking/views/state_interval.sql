-- The stays of each record in its states: since when, until when, what came before and after.
-- A creation event stands first where the tool records none; entries that change nothing are left out;
-- where a source has no resolved state of its own, closing stands for resolving too (origin = derived).
-- * can be told without work_item.created_at, work_item.opened_at, work_item.record_type, work_item.state
WITH recorded AS (
  SELECT
    t.transition_id, t.source_id, t.work_item_id, t.at, t.seq, t.old_value, t.new_value, t.reason, t.actor_id,
    t.actor_kind, t.origin,
    LAG(t.new_value) OVER (PARTITION BY t.work_item_id ORDER BY t.at NULLS LAST, t.seq NULLS LAST) AS before
  FROM transition AS t
  WHERE t.field = 'state' AND t.new_value IS NOT NULL
),
creation AS (
  SELECT
    r.source_id, r.work_item_id, r.old_value AS state, r.seq - 1 AS seq,
    CASE WHEN COALESCE(i.created_at, i.opened_at) < r.at THEN COALESCE(i.created_at, i.opened_at) ELSE r.at END AS at
  FROM recorded AS r
  JOIN work_item AS i ON i.work_item_id = r.work_item_id
  WHERE r.before IS NULL AND r.old_value IS NOT NULL AND r.old_value <> ''
  UNION ALL
  SELECT i.source_id, i.work_item_id, i.state, 0 AS seq, COALESCE(i.created_at, i.opened_at) AS at
  FROM work_item AS i
  LEFT JOIN recorded AS r ON r.work_item_id = i.work_item_id AND r.before IS NULL
  WHERE r.work_item_id IS NULL AND i.state IS NOT NULL
),
entered AS (
  SELECT
    r.transition_id, r.source_id, r.work_item_id, r.new_value AS state, r.at, r.seq, 1 AS place, r.old_value, r.reason,
    r.actor_id, r.actor_kind, r.origin, COALESCE(r.before, r.old_value) AS before,
    CASE WHEN r.before IS NOT NULL AND r.old_value <> r.before THEN 1 ELSE 0 END AS breaks
  FROM recorded AS r
  WHERE r.new_value <> COALESCE(r.before, r.old_value, '') OR r.old_value <> r.new_value
),
undistinct AS (
  SELECT DISTINCT k.source_id, k.record_type
  FROM capability AS k
  WHERE k.capability = 'state.resolved_distinct' AND k.level = 'none'
),
placed AS (
  SELECT
    e.transition_id, e.source_id, e.work_item_id, e.state, e.at, e.seq, e.place, e.old_value, e.reason, e.actor_id,
    e.actor_kind, e.origin, e.breaks
  FROM entered AS e
  UNION ALL
  SELECT
    NULL AS transition_id, c.source_id, c.work_item_id, c.state, c.at, c.seq, 1 AS place, NULL AS old_value,
    NULL AS reason, NULL AS actor_id, NULL AS actor_kind, 'synthetic' AS origin, 0 AS breaks
  FROM creation AS c
  UNION ALL
  SELECT
    NULL AS transition_id, e.source_id, e.work_item_id, 'resolved' AS state, e.at, e.seq, 0 AS place, e.old_value,
    e.reason, e.actor_id, e.actor_kind, 'derived' AS origin, 0 AS breaks
  FROM entered AS e
  JOIN undistinct AS u ON u.source_id = e.source_id
  JOIN work_item AS i ON i.work_item_id = e.work_item_id
  WHERE e.state = 'closed' AND COALESCE(e.before, '') NOT IN ('resolved', 'closed')
    AND (u.record_type = '*' OR u.record_type = i.record_type)
)
SELECT
  p.transition_id, p.source_id, p.work_item_id, p.state, p.at AS from_at, p.seq, p.reason, p.actor_id, p.actor_kind,
  p.origin, p.old_value AS recorded_before, p.breaks,
  LAG(p.state) OVER (PARTITION BY p.work_item_id ORDER BY p.at NULLS LAST, p.seq NULLS LAST, p.place NULLS LAST) AS prev_state,
  LEAD(p.state) OVER (PARTITION BY p.work_item_id ORDER BY p.at NULLS LAST, p.seq NULLS LAST, p.place NULLS LAST) AS next_state,
  LEAD(p.at) OVER (PARTITION BY p.work_item_id ORDER BY p.at NULLS LAST, p.seq NULLS LAST, p.place NULLS LAST) AS to_at
FROM placed AS p
