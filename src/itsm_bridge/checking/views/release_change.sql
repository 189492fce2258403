-- What changes each release is made of, those that were cancelled or rejected aside. Standard changes are authorised by
-- their template, and emergency changes may be authorised later: of these two only the number counts.
-- `last_doubtful_at` is the last first approval of a change that has another approval without a time.
WITH made_of AS (
  SELECT
    p.release_id, o.source_id, d.authorised_at, COALESCE(d.undated_authorisations, 0) AS undated,
    CASE WHEN COALESCE(c.change_type, 'normal') IN ('standard', 'emergency') THEN 0 ELSE 1 END AS is_judged
  FROM release_part AS p
  JOIN work_item AS o ON o.work_item_id = p.release_id
  JOIN work_item AS i ON i.work_item_id = p.work_item_id
  LEFT JOIN change_detail AS c ON c.work_item_id = p.work_item_id
  LEFT JOIN decision_summary AS d ON d.work_item_id = p.work_item_id
  WHERE o.record_type = 'release' AND i.record_type = 'change' AND COALESCE(i.state, '') NOT IN ('cancelled', 'rejected')
)
SELECT
  m.release_id AS work_item_id, MIN(m.source_id) AS source_id, COUNT(*) AS changes,
  SUM(CASE WHEN m.is_judged = 1 AND m.authorised_at IS NULL AND m.undated = 0 THEN 1 ELSE 0 END) AS unauthorised_changes,
  SUM(CASE WHEN m.is_judged = 1 AND m.authorised_at IS NULL AND m.undated > 0 THEN 1 ELSE 0 END) AS undated_changes,
  MAX(CASE WHEN m.is_judged = 1 AND m.undated = 0 THEN m.authorised_at END) AS last_authorised_at,
  MAX(CASE WHEN m.is_judged = 1 AND m.undated > 0 THEN m.authorised_at END) AS last_doubtful_at
FROM made_of AS m
GROUP BY m.release_id
