-- Each service-level clock: what the tool claims beside what history, calendar and pause rules say.
-- * can be told without transition.reason, state.pending_reason, history.fields
-- nominal_due_at can be told without sla_instance.original_due_at
-- last_wait_at can be told without sla_instance.original_due_at
SELECT
  b.sla_instance_id, b.source_id, b.work_item_id, b.sla_definition_id, b.name, b.kind, b.metric, b.goal_seconds,
  b.agreed_goal_seconds, b.source_schedule, b.calendar_id, b.start_rule, b.supplier_id, b.started_at, b.stopped_at, b.stop_at,
  b.original_due_at, b.original_due_at AS nominal_due_at, m.last_wait_at, b.due_at, b.stage, b.elapsed_seconds, b.paused_seconds, b.is_breached, b.opened_at, b.history_level,
  m.unclear_pauses, m.unmeasured,
  CASE WHEN m.unmeasured = 0 THEN m.gross_seconds END AS recomputed_gross_seconds,
  CASE WHEN m.unmeasured = 0 AND m.unclear_pauses = 0 THEN m.pause_seconds END AS recomputed_pause_seconds,
  CASE WHEN m.unmeasured = 0 AND m.unclear_pauses = 0 THEN m.waiting_seconds END AS recomputed_waiting_seconds,
  CASE WHEN m.unmeasured = 0 AND m.unclear_pauses = 0 THEN m.gross_seconds - m.pause_seconds END AS recomputed_elapsed_seconds,
  CASE WHEN m.unmeasured = 0 AND m.unclear_pauses = 0 THEN m.gross_seconds - m.pause_seconds > b.goal_seconds END
    AS recomputed_breached
FROM clock_base AS b
LEFT JOIN clock_time AS m ON m.sla_instance_id = b.sla_instance_id
