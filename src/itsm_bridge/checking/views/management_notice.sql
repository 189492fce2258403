-- When top management was first told of each record, by a message that the tool marks as sent to it or by an entry of
-- the register (which tells days: one of the day on which the record was opened counts).
-- * can be told without comment
WITH told AS (
  SELECT c.work_item_id, c.at, 0 AS is_undated
  FROM comment AS c
  JOIN work_item AS i ON i.work_item_id = c.work_item_id
  WHERE c.channel = 'management' AND c.at >= i.opened_at
  UNION ALL
  SELECT
    r.work_item_id, COALESCE(r.communicated_at, r.opened_at) AS at,
    CASE WHEN COALESCE(r.communicated_at, r.opened_at) IS NULL THEN 1 ELSE 0 END AS is_undated
  FROM item_register AS r
  JOIN work_item AS i ON i.work_item_id = r.work_item_id
  WHERE r.kind = 'mgmt_notice'
    AND COALESCE(COALESCE(r.communicated_at, r.opened_at) + INTERVAL '1' DAY > i.opened_at, TRUE)
)
SELECT t.work_item_id, MIN(t.at) AS told_at, SUM(t.is_undated) AS undated_notices
FROM told AS t
GROUP BY t.work_item_id
