-- When each change was carried out: from the earlier of the recorded start of work and the state implement, to the
-- recorded end, or where there is none, that same moment.
-- implemented_at can be told without change_detail.actual_start_at
-- ended_at can be told without change_detail.actual_start_at, change_detail.actual_end_at
-- kept: no
WITH begun AS (
  SELECT
    i.work_item_id, i.service_id, c.actual_end_at,
    CASE
      WHEN s.first_implement_at IS NULL THEN c.actual_start_at
      WHEN c.actual_start_at < s.first_implement_at THEN c.actual_start_at
      ELSE s.first_implement_at
    END AS implemented_at
  FROM work_item AS i
  LEFT JOIN change_detail AS c ON c.work_item_id = i.work_item_id
  LEFT JOIN state_summary AS s ON s.work_item_id = i.work_item_id
  WHERE i.record_type = 'change'
)
SELECT
  b.work_item_id, b.service_id, b.implemented_at,
  CASE WHEN b.actual_end_at > b.implemented_at THEN b.actual_end_at ELSE b.implemented_at END AS ended_at
FROM begun AS b
