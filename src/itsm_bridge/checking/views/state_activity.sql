-- What each entry of a record into a state amounts to. Taking up what was settled is a reopening, whatever the state.
-- The state that a record was made with comes before all else that happens at that instant.
SELECT
  z.work_item_id, z.from_at AS at, CASE WHEN z.origin = 'synthetic' THEN 1 ELSE 3 END AS place, z.seq,
  CASE
    WHEN z.prev_state IN ('resolved', 'closed') AND z.state NOT IN ('resolved', 'closed', 'cancelled', 'unknown')
      THEN 'reopen'
    WHEN z.prev_state IN ('cancelled', 'rejected') AND z.state NOT IN ('resolved', 'closed', 'cancelled', 'rejected', 'unknown')
      THEN 'revive'
    WHEN z.prev_state = 'pending' AND z.state IN ('new', 'approval', 'assigned', 'in_progress') THEN 'resume'
    WHEN z.state IN ('new', 'draft', 'plan') THEN CASE WHEN z.prev_state IS NOT NULL THEN 'restart' END
    WHEN z.state IN ('approval', 'authorize') THEN 'request_approval'
    WHEN z.state = 'assigned' THEN 'dispatch'
    WHEN z.state = 'in_progress' THEN 'start'
    WHEN z.state = 'pending' THEN 'pend'
    WHEN z.state = 'assess' THEN 'assess'
    WHEN z.state = 'rca' THEN 'analyse'
    WHEN z.state = 'known_error' THEN 'known_error'
    WHEN z.state = 'fix' THEN 'fix'
    WHEN z.state = 'scheduled' THEN 'schedule'
    WHEN z.state = 'implement' THEN 'implement'
    WHEN z.state = 'build' THEN 'build'
    WHEN z.state = 'test' THEN 'test'
    WHEN z.state = 'deploy' THEN 'deploy'
    WHEN z.state = 'review' THEN 'review'
    WHEN z.state = 'resolved' THEN 'resolve'
    WHEN z.state = 'closed' THEN 'close'
    WHEN z.state = 'cancelled' THEN 'cancel'
    WHEN z.state = 'rejected' THEN 'decline'
    ELSE 'unknown'
  END AS activity
FROM state_interval AS z
