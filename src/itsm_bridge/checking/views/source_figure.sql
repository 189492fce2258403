-- The figures of single sources, one for each KPI.
-- kept: no
SELECT
  k.kpi_id, k.source_id, k.value, k.n, k.numerator, k.denominator, k.median, k.p90, k.not_assessable, k.reason,
  k.previous_value, k.previous_n, k.trend, k.period_from, k.period_to
FROM kpi_result AS k
WHERE k.dimension = 'source'
