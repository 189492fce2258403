-- The last completeness record of every stream of every source; a source that was never read has one empty row.
WITH latest AS (
  SELECT r.source_id, r.stream, MAX(r.snapshot) AS snapshot FROM stream_run AS r GROUP BY r.source_id, r.stream
)
SELECT
  x.source_id, r.stream, r.status, r.reason, r.started_at, r.finished_at, r.expected, r.received, r.held, r.hidden,
  r.truncated, r.quarantined, r.unmapped, r.feeds,
  x.source_id || ':' || COALESCE(r.stream, 'never read') AS stream_id
FROM source AS x
LEFT JOIN latest AS l ON l.source_id = x.source_id
LEFT JOIN stream_run AS r ON r.source_id = l.source_id AND r.stream = l.stream AND r.snapshot = l.snapshot
