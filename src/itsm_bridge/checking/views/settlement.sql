-- Each time a record was settled: when it was taken up again next, and which due time of a resolution clock came next.
-- Both due times count, the original one and the one that pauses moved; either may be what somebody looked at.
-- * can be told without sla_instance.original_due_at
WITH settled AS (
  SELECT
    COALESCE(z.transition_id, z.work_item_id || '@' || CAST(CAST(FLOOR(EPOCH(z.from_at)) AS BIGINT) AS VARCHAR))
      AS settlement_id,
    z.work_item_id, z.from_at AS settled_at
  FROM state_interval AS z
  WHERE z.state IN ('resolved', 'closed') AND COALESCE(z.prev_state, '') NOT IN ('resolved', 'closed')
    AND z.origin <> 'synthetic'
),
clock AS (
  SELECT s.sla_instance_id, s.work_item_id, s.started_at, s.original_due_at, s.due_at
  FROM sla_instance AS s
  JOIN known_target AS d ON d.sla_definition_id = s.sla_definition_id
  WHERE COALESCE(d.kind, 'sla') = 'sla' AND d.metric IN ('resolution', 'fulfil')
),
timed AS (
  SELECT
    t.settlement_id, COUNT(*) AS clocks,
    SUM(CASE WHEN COALESCE(c.original_due_at, c.due_at) IS NULL THEN 1 ELSE 0 END) AS undated_clocks,
    MIN(CASE WHEN c.original_due_at >= t.settled_at THEN c.original_due_at END) AS original_due_at,
    MIN(CASE WHEN c.due_at >= t.settled_at THEN c.due_at END) AS due_at
  FROM settled AS t
  JOIN clock AS c ON c.work_item_id = t.work_item_id AND c.started_at <= t.settled_at
  GROUP BY t.settlement_id
),
resumed AS (
  SELECT t.settlement_id, MIN(r.reopened_at) AS reopened_at
  FROM settled AS t
  JOIN reopening AS r ON r.work_item_id = t.work_item_id AND r.reopened_at >= t.settled_at
  GROUP BY t.settlement_id
)
SELECT
  t.settlement_id, t.work_item_id, t.settled_at, r.reopened_at, m.clocks, m.undated_clocks,
  CASE WHEN m.original_due_at < m.due_at THEN m.original_due_at ELSE COALESCE(m.due_at, m.original_due_at) END
    AS next_due_at
FROM settled AS t
JOIN timed AS m ON m.settlement_id = t.settlement_id
LEFT JOIN resumed AS r ON r.settlement_id = t.settlement_id
