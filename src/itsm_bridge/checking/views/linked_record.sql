-- Records that are linked to at least one configuration item.
SELECT DISTINCT l.work_item_id FROM work_item_configuration_item AS l
