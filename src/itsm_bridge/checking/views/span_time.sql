-- Working seconds of each stretch of each clock, NULL where the calendar does not tell.
-- Open seconds before a moment come from the calendar's bucket of 900 seconds in which the moment lies.
-- kept: no
WITH located AS (
  SELECT
    s.sla_instance_id, s.calendar_id, s.part, s.is_unclear, s.is_waiting, s.waited_before_due_at,
    CAST(FLOOR(EPOCH(s.from_at)) AS BIGINT) AS from_second, CAST(FLOOR(EPOCH(s.to_at)) AS BIGINT) AS to_second
  FROM clock_span AS s
),
placed AS (
  SELECT
    l.sla_instance_id, l.calendar_id, l.part, l.is_unclear, l.is_waiting, l.waited_before_due_at, l.from_second, l.to_second,
    l.from_second % 900 AS from_offset, l.to_second % 900 AS to_offset, CAST(FLOOR(l.from_second / 900.0) AS BIGINT) AS from_bucket,
    CAST(FLOOR(l.to_second / 900.0) AS BIGINT) AS to_bucket
  FROM located AS l
)
SELECT
  p.sla_instance_id, p.part, p.is_unclear, p.is_waiting, p.waited_before_due_at,
  CASE
    WHEN p.to_second < p.from_second THEN NULL
    WHEN p.calendar_id = '' THEN p.to_second - p.from_second
    ELSE
      t.open_before + CASE
        WHEN p.to_offset <= t.open_from THEN 0
        WHEN p.to_offset >= t.open_to THEN t.open_to - t.open_from
        ELSE p.to_offset - t.open_from
      END
      - f.open_before - CASE
        WHEN p.from_offset <= f.open_from THEN 0
        WHEN p.from_offset >= f.open_to THEN f.open_to - f.open_from
        ELSE p.from_offset - f.open_from
      END
  END AS seconds
FROM placed AS p
LEFT JOIN calendar_bucket AS f ON f.calendar_id = p.calendar_id AND f.bucket = p.from_bucket
LEFT JOIN calendar_bucket AS t ON t.calendar_id = p.calendar_id AND t.bucket = p.to_bucket
