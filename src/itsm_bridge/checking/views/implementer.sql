-- Who first moved a change into implementation.
WITH moved AS (
  SELECT z.work_item_id, z.actor_id,
    ROW_NUMBER() OVER (PARTITION BY z.work_item_id ORDER BY z.from_at NULLS LAST, z.seq NULLS LAST) AS place
  FROM state_interval AS z
  WHERE z.state = 'implement'
)
SELECT m.work_item_id, m.actor_id FROM moved AS m WHERE m.place = 1
