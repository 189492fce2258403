-- What came after each closed problem: incidents about the same thing, incidents that are linked to it, and problems
-- about the same that are open. Windows count the incidents, because few services have most of them.
WITH closing AS (
  SELECT a.topic, MIN(a.closed_at) AS closed_at
  FROM alike AS a
  WHERE a.record_type = 'problem' AND a.state = 'closed' AND a.closed_at IS NOT NULL
  GROUP BY a.topic
),
line AS (
  SELECT a.work_item_id, a.topic, a.opened_at AS at, 1 AS is_incident, FALSE AS is_telling
  FROM alike AS a
  JOIN closing AS g ON g.topic = a.topic AND a.opened_at > g.closed_at
  WHERE a.is_event AND a.opened_at < $now
  UNION ALL
  SELECT a.work_item_id, a.topic, a.closed_at AS at, 0 AS is_incident, a.is_telling
  FROM alike AS a
  WHERE a.record_type = 'problem' AND a.state = 'closed'
),
counted AS (
  SELECT
    n.work_item_id, n.topic, n.is_incident, n.is_telling,
    SUM(n.is_incident) OVER (
      PARTITION BY n.topic ORDER BY n.at DESC NULLS LAST, n.is_incident NULLS LAST, n.work_item_id NULLS LAST
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS later
  FROM line AS n
),
linked AS (
  SELECT p.problem_id, COUNT(*) AS later
  FROM problem_link AS p
  JOIN work_item AS i ON i.work_item_id = p.work_item_id
  JOIN work_item AS c ON c.work_item_id = p.problem_id
  WHERE i.opened_at > c.closed_at AND COALESCE(i.state, '') <> 'cancelled'
  GROUP BY p.problem_id
),
successor AS (
  SELECT a.topic, COUNT(*) AS problems FROM alike AS a WHERE a.is_open_problem GROUP BY a.topic
)
SELECT
  c.work_item_id, CASE WHEN c.is_telling THEN c.later END AS recurrences,
  COALESCE(l.later, 0) AS linked_recurrences,
  CASE WHEN c.is_telling THEN COALESCE(s.problems, 0) ELSE 0 END AS successors
FROM counted AS c
LEFT JOIN linked AS l ON l.problem_id = c.work_item_id
LEFT JOIN successor AS s ON s.topic = c.topic
WHERE c.is_incident = 0
