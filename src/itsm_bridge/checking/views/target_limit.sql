-- Default targets of the policy; priority 0 stands for every priority that has no row of its own.
SELECT t.record_type, t.metric, COALESCE(t.priority, 0) AS priority, MIN(t.limit_seconds) AS limit_seconds
FROM target AS t
GROUP BY t.record_type, t.metric, COALESCE(t.priority, 0)
