-- Changes during which another change was carried out on the same configuration item; items whose type is too broad to
-- tell anything, as listed in the policy, aside. Windows find what overlaps at all; only changes that are bundled with
-- others are compared pair by pair, because changes of one release or parent may overlap.
WITH carried AS (
  SELECT
    t.configuration_item_id, m.work_item_id, m.implemented_at AS from_at,
    CASE WHEN m.ended_at > m.implemented_at THEN m.ended_at ELSE m.implemented_at + INTERVAL '1' SECOND END AS to_at
  FROM implementation AS m
  JOIN touched_item AS t ON t.work_item_id = m.work_item_id
  LEFT JOIN configuration_item AS c ON c.configuration_item_id = t.configuration_item_id
  LEFT JOIN policy_list AS l ON l.name = 'broad_item_type' AND l.value = LOWER(TRIM(c.configuration_item_type))
  WHERE m.implemented_at IS NOT NULL AND l.name IS NULL
),
placed AS (
  SELECT
    c.configuration_item_id, c.work_item_id, c.from_at, c.to_at,
    MAX(c.to_at) OVER (
      PARTITION BY c.configuration_item_id ORDER BY c.from_at NULLS LAST, c.work_item_id NULLS LAST
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS covered_to,
    LEAD(c.from_at) OVER (
      PARTITION BY c.configuration_item_id ORDER BY c.from_at NULLS LAST, c.work_item_id NULLS LAST
    ) AS next_at
  FROM carried AS c
),
hit AS (
  SELECT p.configuration_item_id, p.work_item_id, p.from_at, p.to_at
  FROM placed AS p
  WHERE p.covered_to > p.from_at OR p.next_at < p.to_at
),
bundled AS (
  SELECT DISTINCT b.work_item_id FROM change_bundle AS b
),
apart AS (
  SELECT h.configuration_item_id, h.work_item_id
  FROM hit AS h
  JOIN bundled AS u ON u.work_item_id = h.work_item_id
  JOIN hit AS o ON o.configuration_item_id = h.configuration_item_id AND o.work_item_id <> h.work_item_id
    AND o.from_at < h.to_at AND o.to_at > h.from_at
  JOIN change_bundle AS mine ON mine.work_item_id = h.work_item_id
  LEFT JOIN change_bundle AS theirs ON theirs.work_item_id = o.work_item_id AND theirs.bundle_id = mine.bundle_id
  GROUP BY h.configuration_item_id, h.work_item_id, o.work_item_id
  HAVING COUNT(theirs.bundle_id) = 0
),
overlapping AS (
  SELECT h.configuration_item_id, h.work_item_id
  FROM hit AS h
  LEFT JOIN bundled AS u ON u.work_item_id = h.work_item_id
  WHERE u.work_item_id IS NULL
  UNION
  SELECT a.configuration_item_id, a.work_item_id FROM apart AS a
)
SELECT o.work_item_id, COUNT(*) AS overlap_items, MIN(c.name) AS overlap_item
FROM overlapping AS o
LEFT JOIN configuration_item AS c ON c.configuration_item_id = o.configuration_item_id
GROUP BY o.work_item_id
