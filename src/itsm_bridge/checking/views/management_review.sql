-- Each finished management review of the register, the latest first, with the inputs and decisions that name it.
WITH input AS (
  SELECT
    i.subject_id, COUNT(DISTINCT LOWER(TRIM(i.title))) AS inputs,
    SUM(CASE WHEN TRIM(COALESCE(i.title, '')) = '' THEN 1 ELSE 0 END) AS untitled_inputs
  FROM register_item AS i
  WHERE i.kind = 'management_review_input' AND i.evidence_reference IS NOT NULL
  GROUP BY i.subject_id
),
decided AS (
  SELECT o.subject_id, COUNT(*) AS decisions
  FROM register_item AS o
  WHERE o.kind = 'management_review_output'
  GROUP BY o.subject_id
)
SELECT
  m.register_item_id, m.title, m.closed_at,
  COALESCE(i.inputs, 0) AS inputs, COALESCE(i.untitled_inputs, 0) AS untitled_inputs,
  COALESCE(d.decisions, 0) AS decisions,
  ROW_NUMBER() OVER (ORDER BY m.closed_at DESC NULLS LAST, m.register_item_id NULLS LAST) AS place
FROM register_item AS m
LEFT JOIN input AS i ON i.subject_id = m.register_item_id
LEFT JOIN decided AS d ON d.subject_id = m.register_item_id
WHERE m.kind = 'management_review' AND m.closed_at <= $now
