-- Who first moved a change into implementation.
WITH moved AS (
  SELECT t.work_item_id, t.actor_id,
    ROW_NUMBER() OVER (PARTITION BY t.work_item_id ORDER BY t.at NULLS LAST, t.seq NULLS LAST) AS place
  FROM transition AS t
  WHERE t.field = 'state' AND t.new_value = 'implement'
)
SELECT m.work_item_id, m.actor_id FROM moved AS m WHERE m.place = 1
