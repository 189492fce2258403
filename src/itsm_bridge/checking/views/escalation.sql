-- When each incident was first escalated: marked so, raised in priority, declared or proposed as a major one, passed on
-- to another group (to a lower tier is no escalation), or brought before top management.
-- * can be told without support_group
WITH raised AS (
  SELECT t.work_item_id, t.at
  FROM transition AS t
  WHERE t.field IN ('escalation', 'major') AND t.new_value <> ''
  UNION ALL
  SELECT p.work_item_id, p.at FROM priority_change AS p WHERE p.new_priority < p.old_priority
  UNION ALL
  SELECT g.work_item_id, g.at
  FROM group_move AS g
  LEFT JOIN known_group AS n ON n.support_group_id = g.new_value
  LEFT JOIN known_group AS o ON o.support_group_id = g.old_value
  WHERE COALESCE(n.tier >= o.tier, TRUE)
  UNION ALL
  SELECT i.work_item_id, COALESCE(i.major_declared_at, i.opened_at) AS at FROM work_item AS i WHERE i.is_major
  UNION ALL
  SELECT m.work_item_id, m.told_at AS at FROM management_notice AS m WHERE m.told_at IS NOT NULL
)
SELECT
  r.work_item_id, MIN(CASE WHEN r.at < i.opened_at THEN i.opened_at ELSE r.at END) AS escalated_at
FROM raised AS r
JOIN work_item AS i ON i.work_item_id = r.work_item_id
WHERE i.record_type = 'incident' AND r.at + INTERVAL '1' DAY > i.opened_at
GROUP BY r.work_item_id
