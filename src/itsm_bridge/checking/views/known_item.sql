-- Every configuration item, whether it is under control (as the tool says, and where it is silent, by the types that the
-- policy lists), and whether it stands in a relationship to another one.
-- is_in_scope can be told without configuration_item.is_in_scope
-- criticality can be told without configuration_item.criticality
WITH listed AS (
  SELECT l.name, COUNT(*) AS types FROM policy_list AS l WHERE l.name = 'configuration_item_type' GROUP BY l.name
),
related AS (
  SELECT r.from_id AS configuration_item_id FROM configuration_item_relation AS r
  UNION
  SELECT r.to_id AS configuration_item_id FROM configuration_item_relation AS r
)
SELECT
  c.configuration_item_id, c.source_id, c.source_key, c.name, c.configuration_item_type, c.description_length, c.status,
  c.status_since, c.criticality, c.last_verified_at, c.updated_at,
  COALESCE(
    c.is_in_scope,
    CASE
      WHEN t.name IS NOT NULL THEN TRUE
      WHEN n.types > 0 AND c.configuration_item_type IS NOT NULL THEN FALSE
    END
  ) AS is_in_scope,
  e.configuration_item_id IS NOT NULL AS is_related
FROM configuration_item AS c
LEFT JOIN policy_list AS t ON t.name = 'configuration_item_type' AND t.value = LOWER(TRIM(c.configuration_item_type))
LEFT JOIN listed AS n ON n.name = 'configuration_item_type'
LEFT JOIN related AS e ON e.configuration_item_id = c.configuration_item_id
