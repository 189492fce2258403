-- The last edit of a protected field of each closed record after it was closed; which fields are protected the
-- policy says; late links and comments are good practice, whatever it says.
WITH edit AS (
  SELECT
    t.work_item_id, t.at, t.field, t.actor_id,
    ROW_NUMBER() OVER (PARTITION BY t.work_item_id ORDER BY t.at DESC NULLS LAST, t.seq DESC NULLS LAST) AS place
  FROM transition AS t
  JOIN policy_list AS l ON l.name = 'protected_field' AND l.value = t.field
  JOIN work_item AS i ON i.work_item_id = t.work_item_id
  WHERE i.state = 'closed' AND t.at > i.closed_at AND t.origin = 'native' AND t.field NOT IN ('link', 'activity')
)
SELECT e.work_item_id, e.at AS edited_at, e.field, e.actor_id
FROM edit AS e
WHERE e.place = 1
