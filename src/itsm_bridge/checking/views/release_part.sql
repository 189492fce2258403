-- Records that are part of a release or of another record: by a link, or as its children.
-- kept: no
SELECT r.from_id AS work_item_id, r.to_id AS release_id FROM relation AS r WHERE r.relation_type = 'part_of'
UNION
SELECT i.work_item_id, i.parent_id AS release_id FROM work_item AS i WHERE i.parent_id IS NOT NULL
