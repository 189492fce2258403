-- Every template of standard changes as the policy has it, and where that is silent, as the tool has it.
-- approved_at can be told without change_template.approved_at
-- approved_by can be told without change_template.approved_by_id
-- valid_to can be told without change_template.valid_to
WITH told AS (
  SELECT r.template, r.source_id, t.change_template_id
  FROM approved_template AS r JOIN change_template AS t ON t.name = r.template
  UNION
  SELECT r.template, r.source_id, t.change_template_id
  FROM approved_template AS r JOIN change_template AS t ON t.change_template_id = r.template
),
chosen AS (
  SELECT
    o.change_template_id, o.template, o.source_id,
    ROW_NUMBER() OVER (
      PARTITION BY o.change_template_id ORDER BY o.source_id DESC NULLS LAST, o.template NULLS LAST
    ) AS place
  FROM told AS o
  JOIN change_template AS t ON t.change_template_id = o.change_template_id
  WHERE COALESCE(o.source_id, t.source_id) = t.source_id
)
SELECT
  t.change_template_id, t.source_id, t.name,
  COALESCE(r.approved_at, t.approved_at) AS approved_at, COALESCE(r.approved_by, t.approved_by_id) AS approved_by,
  COALESCE(r.valid_to, t.valid_to) AS valid_to
FROM change_template AS t
LEFT JOIN chosen AS c ON c.change_template_id = t.change_template_id AND c.place = 1
LEFT JOIN approved_template AS r
  ON r.template = c.template AND COALESCE(r.source_id, '') = COALESCE(c.source_id, '')
