-- Every service with how many service-level targets stand for it now: its own, those of its source that stand for all
-- services, and how many definitions of the source name a service at all.
WITH standing AS (
  SELECT d.source_id, d.service_id
  FROM known_target AS d
  WHERE COALESCE(d.kind, 'sla') = 'sla' AND COALESCE(d.is_active, TRUE)
    AND (d.valid_from IS NULL OR d.valid_from <= $now) AND (d.valid_to IS NULL OR d.valid_to > $now)
),
own AS (
  SELECT t.service_id, COUNT(*) AS targets FROM standing AS t WHERE t.service_id IS NOT NULL GROUP BY t.service_id
),
told AS (
  SELECT t.source_id, COUNT(t.service_id) AS named, COUNT(*) - COUNT(t.service_id) AS unnamed
  FROM standing AS t
  GROUP BY t.source_id
)
SELECT
  v.service_id, v.source_id, v.name, v.status, v.is_in_scope, COALESCE(o.targets, 0) AS own_targets,
  COALESCE(t.unnamed, 0) AS general_targets, COALESCE(t.named, 0) AS named_targets
FROM known_service AS v
LEFT JOIN own AS o ON o.service_id = v.service_id
LEFT JOIN told AS t ON t.source_id = v.source_id
