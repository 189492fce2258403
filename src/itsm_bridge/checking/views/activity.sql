-- The activity log: what happened to each record, in order. `seq` is the place in the record's own history, 1 first; what
-- has no time comes last and has no place worth the name. At one instant creation comes before decisions, these before
-- changes of the record (in the order of the tool's log), and these before messages and links.
WITH happened AS (
  SELECT s.work_item_id, s.at, s.place, s.seq, 1 AS step, s.activity
  FROM state_activity AS s
  WHERE s.activity IS NOT NULL
  UNION ALL
  SELECT t.work_item_id, t.at, t.place, 0 AS seq, 0 AS step, t.activity
  FROM stated_activity AS t
  UNION ALL
  SELECT d.work_item_id, d.at, 2 AS place, 0 AS seq, 0 AS step, d.activity
  FROM decided_activity AS d
  UNION ALL
  SELECT x.work_item_id, x.at, 3 AS place, x.seq, 0 AS step, 'assign' AS activity
  FROM transition AS x
  WHERE x.field = 'assignee' AND x.new_value <> ''
  UNION ALL
  SELECT g.work_item_id, g.at, 3 AS place, g.seq, 0 AS step, 'group_change' AS activity
  FROM group_move AS g
  UNION ALL
  SELECT
    p.work_item_id, p.at, 3 AS place, p.seq, 0 AS step,
    CASE WHEN p.new_priority > p.old_priority THEN 'prio_down' ELSE 'prio_up' END AS activity
  FROM priority_change AS p
  WHERE p.new_priority <> p.old_priority
  UNION ALL
  SELECT x.work_item_id, x.at, 3 AS place, x.seq, 0 AS step, 'plan_edit' AS activity
  FROM transition AS x
  WHERE x.field IN (
      'risk', 'planned_start', 'planned_end', 'configuration_item', 'change_type', 'implementation_plan', 'backout_plan',
      'scope')
    AND x.old_value <> '' AND x.old_value <> COALESCE(x.new_value, '')
  UNION ALL
  SELECT n.work_item_id, n.at, 4 AS place, 0 AS seq, 1 AS step, 'inform_requester' AS activity
  FROM answer AS n
  WHERE n.is_ours = 1
  UNION ALL
  SELECT m.work_item_id, m.at, 4 AS place, 0 AS seq, 1 AS step, 'requester_message' AS activity
  FROM message AS m
  WHERE m.role = 'requester'
  UNION ALL
  SELECT m.work_item_id, m.at, 4 AS place, 0 AS seq, 1 AS step, 'inform_management' AS activity
  FROM message AS m
  WHERE m.channel = 'management'
  UNION ALL
  SELECT l.work_item_id, l.linked_at AS at, 4 AS place, 0 AS seq, 2 AS step, 'link_problem' AS activity
  FROM problem_link AS l
  UNION ALL
  SELECT r.from_id AS work_item_id, r.created_at AS at, 4 AS place, 0 AS seq, 2 AS step, 'link_change' AS activity
  FROM relation AS r
  JOIN work_item AS c ON c.work_item_id = r.to_id
  WHERE r.relation_type IN ('caused_by', 'resolved_by', 'remediated_by') AND c.record_type = 'change'
)
SELECT
  h.work_item_id, i.source_id, h.at,
  ROW_NUMBER() OVER (
    PARTITION BY h.work_item_id
    ORDER BY h.at NULLS LAST, h.place NULLS LAST, h.seq NULLS LAST, h.step NULLS LAST,
      CASE WHEN h.activity = 'resolve' THEN 0 ELSE 1 END NULLS LAST, h.activity NULLS LAST
  ) AS seq,
  h.activity
FROM happened AS h
JOIN work_item AS i ON i.work_item_id = h.work_item_id
