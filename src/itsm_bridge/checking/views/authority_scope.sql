-- Sources, and types of change, for which the policy says who may approve; an empty type stands for all of them.
SELECT DISTINCT s.source_id, COALESCE(a.change_type, '') AS change_type
FROM source AS s
JOIN authority AS a ON COALESCE(a.source_id, s.source_id) = s.source_id
WHERE a.record_type = 'change'
