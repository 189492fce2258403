-- The priority matrix of the policy, one row per cell; an empty source stands for all sources.
SELECT COALESCE(m.source_id, '') AS source_id, m.record_type, m.impact, m.urgency, MIN(m.priority) AS priority
FROM priority_matrix AS m
GROUP BY COALESCE(m.source_id, ''), m.record_type, m.impact, m.urgency
