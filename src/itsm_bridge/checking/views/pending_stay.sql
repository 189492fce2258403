-- Each stay of an incident or request in pending: since when, why, and how far away the nearest message to the
-- requester is. Of the present one the record itself says the reason too.
-- * can be told without history.fields
WITH stay AS (
  SELECT
    COALESCE(z.transition_id, z.work_item_id) AS pending_stay_id, z.work_item_id, z.from_at, z.to_at,
    COALESCE(z.reason, r.reason, CASE WHEN z.to_at IS NULL THEN i.state_reason END) AS reason
  FROM state_interval AS z
  JOIN work_item AS i ON i.work_item_id = z.work_item_id
  LEFT JOIN stay_reason AS r ON r.work_item_id = z.work_item_id AND r.from_at = z.from_at AND r.seq = z.seq
  WHERE z.state = 'pending' AND i.record_type IN ('incident', 'service_request')
),
written AS (
  SELECT
    y.pending_stay_id, a.is_ours,
    ABS(CAST(FLOOR(EPOCH(a.at)) AS BIGINT) - CAST(FLOOR(EPOCH(y.from_at)) AS BIGINT)) AS seconds
  FROM stay AS y
  JOIN answer AS a ON a.work_item_id = y.work_item_id
  WHERE y.reason = 'requester'
),
asked AS (
  SELECT
    t.pending_stay_id, MIN(CASE WHEN t.is_ours = 1 THEN t.seconds END) AS asked_seconds,
    MIN(t.seconds) AS perhaps_asked_seconds
  FROM written AS t
  GROUP BY t.pending_stay_id
)
SELECT
  y.pending_stay_id, y.work_item_id, y.from_at, y.to_at, y.reason, a.asked_seconds, a.perhaps_asked_seconds
FROM stay AS y
LEFT JOIN asked AS a ON a.pending_stay_id = y.pending_stay_id
