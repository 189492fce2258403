-- How many incidents each incident stands for: its parts and its duplicates, those cancelled as duplicates included.
-- * can be told without relation, work_item.parent_id
WITH part AS (
  SELECT r.to_id AS parent_id, r.from_id AS work_item_id
  FROM relation AS r
  WHERE r.relation_type IN ('child_of', 'duplicate_of')
  UNION
  SELECT i.parent_id, i.work_item_id FROM work_item AS i WHERE i.parent_id IS NOT NULL
)
SELECT p.parent_id AS work_item_id, COUNT(*) AS incidents
FROM part AS p
JOIN work_item AS i ON i.work_item_id = p.work_item_id
WHERE i.record_type = 'incident'
GROUP BY p.parent_id
