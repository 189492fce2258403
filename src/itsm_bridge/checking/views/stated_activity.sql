-- What a record states of itself with a time: its creation, and steps that its states do not tell. The beginning of the
-- work counts beside the state where it lies before it.
WITH owned AS (
  SELECT
    t.work_item_id, t.old_value,
    ROW_NUMBER() OVER (PARTITION BY t.work_item_id ORDER BY t.at NULLS LAST, t.seq NULLS LAST) AS place
  FROM transition AS t
  WHERE t.field = 'assignee'
),
entered AS (
  SELECT
    a.work_item_id,
    MIN(CASE WHEN a.activity = 'implement' THEN a.at END) AS implement_at,
    MIN(CASE WHEN a.activity = 'review' THEN a.at END) AS review_at,
    MIN(CASE WHEN a.activity = 'known_error' THEN a.at END) AS known_error_at,
    MIN(CASE WHEN a.activity = 'deploy' THEN a.at END) AS deploy_at
  FROM state_activity AS a
  WHERE a.activity IN ('implement', 'review', 'known_error', 'deploy')
  GROUP BY a.work_item_id
)
SELECT i.work_item_id, COALESCE(i.created_at, i.opened_at) AS at, 0 AS place, 'create' AS activity
FROM work_item AS i
UNION ALL
SELECT i.work_item_id, COALESCE(i.created_at, i.opened_at) AS at, 1 AS place, 'assign' AS activity
FROM work_item AS i
LEFT JOIN owned AS o ON o.work_item_id = i.work_item_id AND o.place = 1
WHERE COALESCE(o.old_value, '') <> '' OR (o.work_item_id IS NULL AND i.assignee_id IS NOT NULL)
UNION ALL
SELECT i.work_item_id, COALESCE(i.first_response_at, f.at) AS at, 4 AS place, 'respond' AS activity
FROM work_item AS i
LEFT JOIN first_response AS f ON f.work_item_id = i.work_item_id
WHERE COALESCE(i.first_response_at, f.at) IS NOT NULL
UNION ALL
SELECT i.work_item_id, i.major_declared_at AS at, 2 AS place, 'declare_major' AS activity
FROM work_item AS i
WHERE i.is_major OR i.major_declared_at IS NOT NULL
UNION ALL
SELECT c.work_item_id, c.actual_start_at AS at, 3 AS place, 'implement' AS activity
FROM change_detail AS c
LEFT JOIN entered AS e ON e.work_item_id = c.work_item_id
WHERE c.actual_start_at IS NOT NULL AND (e.implement_at IS NULL OR c.actual_start_at < e.implement_at)
UNION ALL
SELECT c.work_item_id, c.reviewed_at AS at, 4 AS place, 'review' AS activity
FROM change_detail AS c
LEFT JOIN entered AS e ON e.work_item_id = c.work_item_id
WHERE c.reviewed_at IS NOT NULL AND e.review_at IS NULL
UNION ALL
SELECT p.work_item_id, p.root_cause_at AS at, 2 AS place, 'root_cause' AS activity
FROM problem_detail AS p
WHERE p.root_cause_at IS NOT NULL OR p.root_cause_length > 0
UNION ALL
SELECT p.work_item_id, p.known_error_at AS at, 2 AS place, 'known_error' AS activity
FROM problem_detail AS p
LEFT JOIN entered AS e ON e.work_item_id = p.work_item_id
WHERE (p.is_known_error OR p.known_error_at IS NOT NULL) AND e.known_error_at IS NULL
UNION ALL
SELECT r.work_item_id, r.deployed_at AS at, 3 AS place, 'deploy' AS activity
FROM release_detail AS r
LEFT JOIN entered AS e ON e.work_item_id = r.work_item_id
WHERE r.deployed_at IS NOT NULL AND (e.deploy_at IS NULL OR r.deployed_at < e.deploy_at)
UNION ALL
SELECT r.work_item_id, r.accepted_at AS at, 2 AS place, 'accept' AS activity
FROM release_detail AS r
WHERE r.accepted_at IS NOT NULL OR r.acceptance_result = 'met'
UNION ALL
SELECT r.work_item_id, r.baseline_at AS at, 2 AS place, 'baseline' AS activity
FROM release_detail AS r
WHERE r.baseline_at IS NOT NULL OR r.baseline_reference IS NOT NULL
UNION ALL
SELECT r.work_item_id, r.measured_at AS at, 4 AS place, 'measure' AS activity
FROM release_detail AS r
WHERE r.measured_at IS NOT NULL
