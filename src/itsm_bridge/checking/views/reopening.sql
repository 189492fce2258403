-- Each time a settled record was taken up again, and when it was settled next.
SELECT z.work_item_id, z.from_at AS reopened_at, z.seq, MIN(n.from_at) AS settled_again_at
FROM state_interval AS z
LEFT JOIN state_interval AS n
  ON n.work_item_id = z.work_item_id AND n.state IN ('resolved', 'closed') AND n.from_at >= z.from_at
  AND (n.from_at > z.from_at OR n.seq > z.seq)
WHERE z.prev_state IN ('resolved', 'closed') AND z.state NOT IN ('resolved', 'closed', 'cancelled')
GROUP BY z.work_item_id, z.from_at, z.seq
