-- The stays of each record in its states: since when, until when, what came before and after.
-- A creation event stands first where the tool records none (origin synthetic); where a source has no resolved state
-- of its own, closing stands for resolving too (origin derived).
-- * can be told without work_item.created_at, work_item.opened_at, work_item.record_type, work_item.state
WITH undistinct AS (
  SELECT DISTINCT k.source_id, k.record_type
  FROM capability AS k
  WHERE k.capability = 'state.resolved_distinct' AND k.level = 'none'
),
derived AS (
  SELECT DISTINCT e.transition_id, e.work_item_id, e.at, e.seq, COALESCE(e.before, e.old_value) AS before, e.reason
  FROM undistinct AS u
  JOIN work_item AS i ON i.source_id = u.source_id AND (u.record_type = '*' OR u.record_type = i.record_type)
  JOIN state_step AS e ON e.work_item_id = i.work_item_id
  WHERE e.new_value = 'closed' AND COALESCE(e.before, e.old_value, '') NOT IN ('resolved', 'closed')
    AND i.record_type IN ('incident', 'service_request', 'problem')
)
SELECT
  e.transition_id, e.work_item_id, e.new_value AS state, e.at AS from_at, e.until AS to_at, e.seq, e.reason,
  'native' AS origin,
  CASE WHEN d.transition_id IS NOT NULL THEN 'resolved' ELSE COALESCE(e.before, e.old_value) END AS prev_state,
  e.after AS next_state,
  CASE WHEN e.before IS NOT NULL AND e.old_value <> e.before THEN 1 ELSE 0 END AS breaks
FROM state_step AS e
LEFT JOIN derived AS d ON d.transition_id = e.transition_id
UNION ALL
SELECT
  NULL AS transition_id, d.work_item_id, 'resolved' AS state, d.at AS from_at, d.at AS to_at, d.seq, d.reason,
  'derived' AS origin, d.before AS prev_state, 'closed' AS next_state, 0 AS breaks
FROM derived AS d
UNION ALL
SELECT
  NULL AS transition_id, e.work_item_id, e.old_value AS state,
  CASE WHEN COALESCE(i.created_at, i.opened_at) < e.at THEN COALESCE(i.created_at, i.opened_at) ELSE e.at END AS from_at,
  e.at AS to_at, e.seq - 1 AS seq, NULL AS reason, 'synthetic' AS origin, NULL AS prev_state, e.new_value AS next_state,
  0 AS breaks
FROM state_step AS e
JOIN work_item AS i ON i.work_item_id = e.work_item_id
WHERE e.before IS NULL AND e.old_value IS NOT NULL AND e.old_value <> ''
UNION ALL
SELECT
  NULL AS transition_id, i.work_item_id, i.state, COALESCE(i.created_at, i.opened_at) AS from_at, NULL AS to_at,
  0 AS seq, NULL AS reason, 'synthetic' AS origin, NULL AS prev_state, NULL AS next_state, 0 AS breaks
FROM work_item AS i
LEFT JOIN state_step AS e ON e.work_item_id = i.work_item_id AND e.before IS NULL
WHERE e.work_item_id IS NULL AND i.state IS NOT NULL
