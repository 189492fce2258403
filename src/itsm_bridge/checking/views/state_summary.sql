-- What the state history of a record says in one row: first entries, last state, reopens, breaks.
SELECT
  z.work_item_id,
  MIN(CASE WHEN z.state = 'implement' THEN z.from_at END) AS first_implement_at,
  MIN(CASE WHEN z.state = 'assess' THEN z.from_at END) AS first_assess_at,
  MIN(CASE WHEN z.state = 'in_progress' THEN z.from_at END) AS first_in_progress_at,
  MIN(CASE WHEN z.state = 'review' THEN z.from_at END) AS first_review_at,
  MIN(CASE WHEN z.state IN ('resolved', 'closed') AND COALESCE(z.prev_state, '') NOT IN ('resolved', 'closed')
    AND z.origin <> 'synthetic' THEN z.from_at END) AS first_settled_at,
  MAX(CASE WHEN z.state IN ('resolved', 'closed') AND COALESCE(z.prev_state, '') NOT IN ('resolved', 'closed')
    THEN z.from_at END) AS last_settled_at,
  MAX(CASE WHEN z.state IN ('resolved', 'closed') AND COALESCE(z.prev_state, '') NOT IN ('resolved', 'closed')
    AND z.origin = 'native' THEN z.from_at END) AS settling_recorded_at,
  MAX(CASE WHEN z.state = 'closed' AND COALESCE(z.prev_state, '') <> 'closed' AND z.origin = 'native' THEN z.from_at END)
    AS closing_recorded_at,
  MAX(CASE WHEN z.to_at IS NULL THEN z.state END) AS last_state,
  MAX(CASE WHEN z.to_at IS NULL AND z.state = 'closed' THEN z.prev_state END) AS closed_from_state,
  SUM(CASE WHEN z.prev_state IN ('resolved', 'closed') AND z.state NOT IN ('resolved', 'closed', 'cancelled')
    THEN 1 ELSE 0 END) AS reopen_count,
  SUM(CASE WHEN z.prev_state IN ('cancelled', 'rejected') AND z.state NOT IN ('cancelled', 'rejected') THEN 1 ELSE 0 END)
    AS revival_count,
  SUM(z.breaks) AS break_count
FROM state_interval AS z
GROUP BY z.work_item_id
