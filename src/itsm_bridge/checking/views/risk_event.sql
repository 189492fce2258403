-- The first time that somebody set risk or impact of a record.
SELECT t.work_item_id, MIN(t.at) AS first_risk_at
FROM transition AS t
WHERE t.field IN ('risk', 'impact') AND t.new_value IS NOT NULL
GROUP BY t.work_item_id
