-- How many incidents are linked to each problem.
SELECT p.problem_id AS work_item_id, COUNT(*) AS linked_incidents FROM problem_link AS p GROUP BY p.problem_id
