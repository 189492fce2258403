-- The longest acceptance criteria of the releases that a change is part of.
-- * can be told without release_detail
SELECT p.work_item_id, MAX(COALESCE(e.acceptance_length, 0)) AS release_acceptance_length
FROM release_part AS p
JOIN release_detail AS e ON e.work_item_id = p.release_id
GROUP BY p.work_item_id
