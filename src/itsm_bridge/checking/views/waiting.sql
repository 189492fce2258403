-- How long each resolved record was pending between its opening and its resolution.
WITH stay AS (
  SELECT
    z.work_item_id,
    CASE WHEN z.from_at < i.opened_at THEN i.opened_at ELSE z.from_at END AS from_at,
    CASE WHEN z.to_at < i.resolved_at THEN z.to_at ELSE i.resolved_at END AS to_at
  FROM state_interval AS z
  JOIN work_item AS i ON i.work_item_id = z.work_item_id
  WHERE z.state = 'pending' AND z.from_at < i.resolved_at AND (z.to_at IS NULL OR z.to_at > i.opened_at)
)
SELECT
  y.work_item_id,
  CAST(SUM(CAST(FLOOR(EPOCH(y.to_at)) AS BIGINT) - CAST(FLOOR(EPOCH(y.from_at)) AS BIGINT)) AS BIGINT) AS pending_seconds
FROM stay AS y
GROUP BY y.work_item_id
