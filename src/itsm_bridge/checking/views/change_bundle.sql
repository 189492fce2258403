-- What changes are planned together in: a release, or a parent, which is in its own bundle.
SELECT r.from_id AS work_item_id, r.to_id AS bundle_id FROM relation AS r WHERE r.relation_type = 'part_of'
UNION
SELECT i.work_item_id, i.parent_id AS bundle_id FROM work_item AS i
WHERE i.record_type = 'change' AND i.parent_id IS NOT NULL
UNION
SELECT i.parent_id AS work_item_id, i.parent_id AS bundle_id FROM work_item AS i
WHERE i.record_type = 'change' AND i.parent_id IS NOT NULL
