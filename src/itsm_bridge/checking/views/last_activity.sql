-- When somebody of ours last did something on a record or on a part of it. System, automation and the requester do
-- not count; `unattributed_at` is the last event of which the tool does not say who caused it.
-- * can be told without person
WITH happened AS (
  SELECT t.work_item_id, t.at,
    CASE
      WHEN t.actor_kind IN ('agent', 'supplier') THEN 'ours'
      WHEN t.actor_kind IS NOT NULL AND t.actor_kind <> 'unknown' THEN 'other'
      WHEN t.actor_id IS NULL THEN 'unknown'
      WHEN p.kind IN ('system', 'integration', 'customer') THEN 'other'
      WHEN t.actor_id = i.requester_id THEN 'other'
      ELSE 'ours'
    END AS side
  FROM transition AS t
  JOIN work_item AS i ON i.work_item_id = t.work_item_id
  LEFT JOIN person AS p ON p.person_id = t.actor_id
  WHERE t.origin = 'native'
  UNION ALL
  SELECT m.work_item_id, m.at,
    CASE WHEN m.role IN ('agent', 'supplier') THEN 'ours' WHEN m.role = 'unknown' THEN 'unknown' ELSE 'other' END AS side
  FROM message AS m
),
own AS (
  SELECT h.work_item_id,
    MAX(CASE WHEN h.side = 'ours' THEN h.at END) AS at,
    MAX(CASE WHEN h.side = 'unknown' THEN h.at END) AS unattributed_at
  FROM happened AS h
  GROUP BY h.work_item_id
),
shared AS (
  SELECT o.work_item_id, o.at, o.unattributed_at FROM own AS o
  UNION ALL
  SELECT i.parent_id AS work_item_id, o.at, o.unattributed_at
  FROM own AS o
  JOIN work_item AS i ON i.work_item_id = o.work_item_id
  WHERE i.parent_id IS NOT NULL
)
SELECT s.work_item_id, MAX(s.at) AS at, MAX(s.unattributed_at) AS unattributed_at
FROM shared AS s
GROUP BY s.work_item_id
