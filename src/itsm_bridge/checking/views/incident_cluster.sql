-- Incidents of one service, category and configuration item in one row: the newest of all, the newest that a problem
-- investigates, and how many problems about the same are open.
WITH open_problem AS (
  SELECT a.topic, COUNT(*) AS problems FROM alike AS a WHERE a.is_open_problem GROUP BY a.topic
),
cluster AS (
  SELECT
    a.topic, MIN(a.source_id) AS source_id, MIN(a.service_id) AS service_id, MIN(a.category) AS category,
    MIN(a.configuration_item_id) AS configuration_item_id, MAX(a.opened_at) AS newest_at,
    MAX(CASE WHEN a.has_problem THEN a.opened_at END) AS newest_linked_at,
    MAX(CASE WHEN a.is_telling THEN 1 ELSE 0 END) AS telling
  FROM alike AS a
  WHERE a.is_event AND a.opened_at < $now
  GROUP BY a.topic
)
SELECT
  n.topic, n.source_id, n.service_id, s.name AS service, n.category, COALESCE(c.name, n.configuration_item_id) AS item, n.telling = 1 AS is_telling,
  n.newest_at, n.newest_linked_at, COALESCE(o.problems, 0) AS open_problems
FROM cluster AS n
LEFT JOIN known_service AS s ON s.service_id = n.service_id
LEFT JOIN configuration_item AS c ON c.configuration_item_id = n.configuration_item_id
LEFT JOIN open_problem AS o ON o.topic = n.topic
WHERE COALESCE(s.is_in_scope, TRUE)
