-- Service-level clocks with their definition, their calendar and the moments between which they run.
-- The calendar '' runs round the clock: that is what a definition without a schedule says, unless the policy binds
-- a calendar to it. The end of a single resolution clock is taken from the state history, not from the tool.
-- stop_at can be told without transition
-- rows can be told without service
WITH counted AS (
  SELECT s.work_item_id, d.metric, COUNT(*) AS clocks
  FROM sla_instance AS s
  JOIN known_target AS d ON d.sla_definition_id = s.sla_definition_id
  WHERE COALESCE(d.kind, 'sla') = 'sla' AND COALESCE(s.stage, '') <> 'cancelled'
    AND d.metric IN ('resolution', 'fulfil')
  GROUP BY s.work_item_id, d.metric
)
SELECT
  s.sla_instance_id, s.source_id, s.work_item_id, s.sla_definition_id, s.started_at, s.stopped_at, s.original_due_at,
  s.due_at, s.stage, s.elapsed_seconds, s.paused_seconds, s.is_breached, s.captured_at,
  d.name, COALESCE(d.kind, 'sla') AS kind, d.metric, d.goal_seconds, d.agreed_goal_seconds, d.source_schedule,
  d.start_rule, d.supplier_id, w.opened_at, w.history_level,
  COALESCE(b.calendar_id, CASE WHEN COALESCE(d.source_schedule, '') = '' THEN '' END) AS calendar_id,
  CASE
    WHEN d.metric IN ('resolution', 'fulfil') AND s.stage = 'completed' AND n.clocks = 1
      AND COALESCE(d.kind, 'sla') = 'sla'
      THEN COALESCE(CASE WHEN d.stop_rule = 'closed' THEN w.closing_recorded_at ELSE w.last_settled_at END, s.stopped_at)
    ELSE COALESCE(s.stopped_at, $now)
  END AS stop_at
FROM sla_instance AS s
JOIN w ON w.work_item_id = s.work_item_id
LEFT JOIN known_target AS d ON d.sla_definition_id = s.sla_definition_id
LEFT JOIN counted AS n ON n.work_item_id = s.work_item_id AND n.metric = d.metric
LEFT JOIN calendar_binding AS b
  ON b.source_id = s.source_id AND b.source_schedule = COALESCE(d.source_schedule, '')
