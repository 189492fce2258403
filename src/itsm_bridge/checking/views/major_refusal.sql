-- Incidents of which it was decided on record that they are no major ones: proposed and refused, or declared and taken
-- back.
SELECT t.work_item_id, COUNT(*) AS refusals
FROM transition AS t
WHERE t.field = 'major'
  AND (LOWER(TRIM(t.new_value)) IN ('rejected', 'cancelled')
    OR LOWER(TRIM(t.source_new_value)) IN ('rejected', 'canceled', 'cancelled')
    OR (t.old_value = 'true' AND t.new_value = 'false'))
GROUP BY t.work_item_id
