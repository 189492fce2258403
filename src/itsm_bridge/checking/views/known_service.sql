-- Every service as the service register has it, and where that is silent, as the tool has it.
-- is_in_scope can be told without service.is_in_scope
-- is_in_catalogue can be told without service.is_in_catalogue
-- criticality can be told without service.criticality
-- description_length can be told without service.description_length
-- owner can be told without service.owner_id
-- has_documented_dependencies can be told without service.has_documented_dependencies
-- availability_target can be told without service.availability_target
-- is_continuity_required can be told without service.is_continuity_required
WITH told AS (
  SELECT r.service, r.source_id, s.service_id FROM registered_service AS r JOIN service AS s ON s.name = r.service
  UNION
  SELECT r.service, r.source_id, s.service_id FROM registered_service AS r JOIN service AS s ON s.source_key = r.service
  UNION
  SELECT r.service, r.source_id, s.service_id FROM registered_service AS r JOIN service AS s ON s.service_id = r.service
),
chosen AS (
  SELECT
    t.service_id, t.service, t.source_id,
    ROW_NUMBER() OVER (PARTITION BY t.service_id ORDER BY t.source_id DESC NULLS LAST, t.service NULLS LAST) AS place
  FROM told AS t
  JOIN service AS s ON s.service_id = t.service_id
  WHERE COALESCE(t.source_id, s.source_id) = s.source_id
)
SELECT
  s.service_id, s.source_id, s.source_key, s.name, s.status,
  COALESCE(r.is_in_scope, s.is_in_scope) AS is_in_scope,
  COALESCE(r.is_in_catalogue, s.is_in_catalogue) AS is_in_catalogue,
  COALESCE(r.criticality, s.criticality) AS criticality,
  COALESCE(LENGTH(r.description), s.description_length) AS description_length,
  COALESCE(r.owner, s.owner_id) AS owner,
  COALESCE(r.has_documented_dependencies, s.has_documented_dependencies) AS has_documented_dependencies,
  COALESCE(r.availability_target, s.availability_target) AS availability_target,
  COALESCE(r.is_continuity_required, s.is_continuity_required) AS is_continuity_required
FROM service AS s
LEFT JOIN chosen AS c ON c.service_id = s.service_id AND c.place = 1
LEFT JOIN registered_service AS r
  ON r.service = c.service AND COALESCE(r.source_id, '') = COALESCE(c.source_id, '')
