-- Every recorded step from one state to another, beside the documented state model: allowed (1), not allowed (0), or
-- NULL with the reason; where the model has no line for the type of record, is_modelled is 0. A change whose type is not
-- known is judged as a normal one.
WITH modelled AS (
  SELECT DISTINCT r.record_type FROM transition_rule AS r
),
allowed AS (
  SELECT DISTINCT r.record_type, COALESCE(r.variant, '') AS variant, r.from_state, r.to_state FROM transition_rule AS r
),
telling AS (
  SELECT DISTINCT i.source_id FROM w AS i
  WHERE i.record_type = 'change' AND COALESCE(i.first_implement_at, i.first_review_at) IS NOT NULL
)
SELECT
  z.transition_id, z.work_item_id, w.source_id, w.record_type, z.prev_state AS from_state, z.state AS to_state,
  z.from_at AS at,
  CASE WHEN m.record_type IS NULL THEN 0 ELSE 1 END AS is_modelled,
  CASE
    WHEN z.prev_state = 'unknown' OR z.state = 'unknown' THEN 'a state of the tool is not mapped'
    WHEN w.record_type = 'change' AND z.state = 'closed' AND t.source_id IS NULL
      THEN 'no change of the source ever was in implementation or review: its states do not tell these steps'
  END AS reason,
  CASE
    WHEN m.record_type IS NULL OR z.prev_state = 'unknown' OR z.state = 'unknown' THEN NULL
    WHEN w.record_type = 'change' AND z.state = 'closed' AND t.source_id IS NULL THEN NULL
    WHEN a.record_type IS NOT NULL OR v.record_type IS NOT NULL THEN 1
    ELSE 0
  END AS is_allowed
FROM state_interval AS z
JOIN w ON w.work_item_id = z.work_item_id
LEFT JOIN modelled AS m ON m.record_type = w.record_type
LEFT JOIN telling AS t ON t.source_id = w.source_id
LEFT JOIN allowed AS a
  ON a.record_type = w.record_type AND a.variant = '' AND a.from_state = z.prev_state AND a.to_state = z.state
LEFT JOIN allowed AS v
  ON v.record_type = w.record_type AND v.from_state = z.prev_state AND v.to_state = z.state
  AND v.variant = CASE WHEN COALESCE(w.change_type, 'unknown') = 'unknown' THEN 'normal' ELSE w.change_type END
WHERE z.prev_state IS NOT NULL AND z.transition_id IS NOT NULL
