-- Comments with the role of their author: internal notes are by agents; public ones by whoever wrote them.
-- role can be told without person, comment.visibility
SELECT
  c.comment_id, c.source_id, c.work_item_id, c.at, c.author_id, c.visibility, c.channel, c.body_length,
  CASE
    WHEN c.author_role IS NOT NULL AND c.author_role <> 'unknown' THEN c.author_role
    WHEN p.kind IN ('system', 'integration') THEN 'system'
    WHEN c.visibility = 'internal' THEN 'agent'
    WHEN c.author_id = i.requester_id THEN 'requester'
    WHEN p.kind = 'customer' THEN 'requester'
    WHEN c.author_id IS NULL THEN 'unknown'
    ELSE 'agent'
  END AS role
FROM comment AS c
JOIN work_item AS i ON i.work_item_id = c.work_item_id
LEFT JOIN person AS p ON p.person_id = c.author_id
