-- Everything that can be ordered, how often it was ordered in the period, and whether the source names instructions for
-- anything at all.
WITH ordered AS (
  SELECT w.catalogue_item_id, COUNT(*) AS requests
  FROM w
  WHERE w.record_type = 'service_request' AND w.opened_at >= $period_from AND w.opened_at < $period_to
    AND COALESCE(w.state, '') NOT IN ('cancelled', 'rejected')
  GROUP BY w.catalogue_item_id
),
told AS (
  SELECT k.source_id, COUNT(k.instruction_reference) AS instructions FROM catalogue_item AS k GROUP BY k.source_id
)
SELECT
  k.catalogue_item_id, k.source_id, COALESCE(k.name, k.source_key) AS name, k.is_active, k.instruction_reference,
  COALESCE(o.requests, 0) AS requests, t.instructions AS told_instructions
FROM catalogue_item AS k
LEFT JOIN ordered AS o ON o.catalogue_item_id = k.catalogue_item_id
LEFT JOIN told AS t ON t.source_id = k.source_id
