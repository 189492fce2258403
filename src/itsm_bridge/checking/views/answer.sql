-- Messages of ours that reached the requester: public ones, and notes of telephone calls. Whose they are is not sure
-- where the tool does not say who wrote them.
SELECT
  m.comment_id, m.source_id, m.work_item_id, m.at, m.body_length,
  CASE WHEN m.role IN ('agent', 'supplier') THEN 1 ELSE 0 END AS is_ours
FROM message AS m
WHERE (m.visibility = 'public' OR m.channel = 'phone') AND m.role IN ('agent', 'supplier', 'unknown')
