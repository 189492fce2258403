-- Changes that were carried out while a freeze held for their service: in how many freezes that do not allow them, and
-- in how many of which that cannot be told, because the type or the service of the change is missing.
WITH stated AS (
  SELECT f.freeze_window_id, '' AS service_id FROM freeze_window AS f WHERE f.service_id IS NULL
  UNION
  SELECT f.freeze_window_id, '?' AS service_id FROM freeze_window AS f WHERE f.service_id IS NOT NULL
  UNION
  SELECT f.freeze_window_id, s.service_id FROM freeze_window AS f JOIN service AS s ON s.service_id = f.service_id
  UNION
  SELECT f.freeze_window_id, s.service_id FROM freeze_window AS f JOIN service AS s ON s.source_key = f.service_id
  UNION
  SELECT f.freeze_window_id, s.service_id FROM freeze_window AS f JOIN service AS s ON s.name = f.service_id
),
carried AS (
  SELECT m.work_item_id, '' AS service_id, m.implemented_at, m.ended_at FROM implementation AS m
  UNION ALL
  SELECT m.work_item_id, COALESCE(m.service_id, '?') AS service_id, m.implemented_at, m.ended_at
  FROM implementation AS m
),
met AS (
  SELECT
    c.work_item_id, f.name,
    CASE
      WHEN d.change_type = 'emergency' AND f.allows_emergency THEN 'allowed'
      WHEN d.change_type = 'standard' AND f.allows_standard THEN 'allowed'
      WHEN c.service_id = '?' THEN 'unclear'
      WHEN COALESCE(d.change_type, 'unknown') = 'unknown' AND (f.allows_emergency OR f.allows_standard) THEN 'unclear'
      ELSE 'hit'
    END AS outcome
  FROM carried AS c
  JOIN stated AS s ON s.service_id = c.service_id
  JOIN freeze_window AS f ON f.freeze_window_id = s.freeze_window_id
    AND (f.to_at IS NULL OR c.implemented_at < f.to_at) AND (f.from_at IS NULL OR c.ended_at >= f.from_at)
  LEFT JOIN change_detail AS d ON d.work_item_id = c.work_item_id
)
SELECT
  m.work_item_id, MIN(CASE WHEN m.outcome = 'hit' THEN m.name END) AS freeze,
  SUM(CASE WHEN m.outcome = 'hit' THEN 1 ELSE 0 END) AS freezes,
  SUM(CASE WHEN m.outcome = 'unclear' THEN 1 ELSE 0 END) AS unclear_freezes
FROM met AS m
GROUP BY m.work_item_id
