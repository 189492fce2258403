-- For which source and record type the policy sets a priority matrix.
SELECT x.source_id, x.record_type, COUNT(*) AS cells
FROM matrix_cell AS x
GROUP BY x.source_id, x.record_type
