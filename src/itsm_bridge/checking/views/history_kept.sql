-- How much of the history of states a source keeps, per record type or for all, where it says so.
SELECT c.source_id, c.record_type, c.level
FROM capability AS c
WHERE c.capability = 'history.state'
