-- Why records waited where the change of state does not say it: the reason that a field of its own had at the beginning
-- of a stay in pending, or was given first during it.
WITH held AS (
  SELECT
    t.work_item_id, t.at AS from_at, t.new_value AS reason,
    LEAD(t.at) OVER (PARTITION BY t.work_item_id ORDER BY t.at NULLS LAST, t.seq NULLS LAST) AS to_at
  FROM transition AS t
  WHERE t.field = 'state_reason'
),
fitting AS (
  SELECT
    z.work_item_id, z.from_at, z.seq, h.reason,
    ROW_NUMBER() OVER (
      PARTITION BY z.work_item_id, z.from_at, z.seq ORDER BY h.from_at NULLS LAST, h.reason NULLS LAST
    ) AS place
  FROM held AS h
  JOIN state_interval AS z
    ON z.work_item_id = h.work_item_id AND (z.to_at IS NULL OR h.from_at < z.to_at)
    AND (h.to_at IS NULL OR h.to_at > z.from_at)
  WHERE h.reason IS NOT NULL AND z.state = 'pending' AND z.reason IS NULL
)
SELECT f.work_item_id, f.from_at, f.seq, f.reason FROM fitting AS f WHERE f.place = 1
