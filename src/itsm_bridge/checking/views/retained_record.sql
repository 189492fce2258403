-- Each record that was there when its source was read before, and each that has vanished since, with what was lost of it
-- between snapshots. What is older than anything that the source still holds may have been archived, and counts apart.
-- An entry of the register that names the record explains what was lost of it.
WITH reading AS (
  SELECT s.source_id, MAX(CASE WHEN s.later_snapshots > 0 THEN s.read_at END) AS earlier_at
  FROM source_reading AS s
  GROUP BY s.source_id
),
oldest AS (
  SELECT i.source_id, MIN(i.opened_at) AS opened_at, MIN(i.closed_at) AS closed_at
  FROM work_item AS i
  GROUP BY i.source_id
),
first_event AS (
  SELECT t.source_id, MIN(t.at) AS at FROM transition AS t WHERE t.field = 'state' AND t.origin = 'native' GROUP BY t.source_id
),
loss AS (
  SELECT
    l.work_item_id, l.source_id, l.number, l.kind, l.lost_at,
    CASE
      WHEN l.kind = 'record_vanished' AND (l.opened_at < o.opened_at OR l.closed_at < o.closed_at) THEN 1
      WHEN l.kind = 'event_vanished' AND l.event_at < f.at THEN 1
      ELSE 0
    END AS is_aged
  FROM evidence_loss AS l
  LEFT JOIN oldest AS o ON o.source_id = l.source_id
  LEFT JOIN first_event AS f ON f.source_id = l.source_id
),
counted AS (
  SELECT
    l.work_item_id, MIN(l.source_id) AS source_id, MIN(l.number) AS number, MAX(l.lost_at) AS lost_at,
    SUM(CASE WHEN l.kind = 'record_vanished' THEN 1 ELSE 0 END) AS vanished_records,
    SUM(CASE WHEN l.kind = 'event_vanished' AND l.is_aged = 0 THEN 1 ELSE 0 END) AS vanished_events,
    SUM(CASE WHEN l.kind = 'event_altered' THEN 1 ELSE 0 END) AS altered_events,
    SUM(l.is_aged) AS aged, SUM(1 - l.is_aged) AS losses
  FROM loss AS l
  GROUP BY l.work_item_id
),
named AS (
  SELECT i.work_item_id, r.register_item_id
  FROM counted AS c
  JOIN work_item AS i ON i.work_item_id = c.work_item_id
  JOIN register_item AS r ON r.subject_id = i.number
  WHERE r.kind = 'evidence_loss'
  UNION
  SELECT c.work_item_id, r.register_item_id
  FROM counted AS c JOIN register_item AS r ON r.subject_id = c.number WHERE r.kind = 'evidence_loss'
  UNION
  SELECT c.work_item_id, r.register_item_id
  FROM counted AS c JOIN register_item AS r ON r.subject_id = c.work_item_id WHERE r.kind = 'evidence_loss'
),
explained AS (
  SELECT n.work_item_id, COUNT(*) AS entries FROM named AS n GROUP BY n.work_item_id
)
SELECT
  w.work_item_id AS record_id, w.source_id, i.number, c.lost_at, 0 AS vanished_records,
  COALESCE(c.vanished_events, 0) AS vanished_events, COALESCE(c.altered_events, 0) AS altered_events,
  COALESCE(c.aged, 0) AS aged, COALESCE(c.losses, 0) AS losses, COALESCE(e.entries, 0) AS explanations
FROM w
JOIN work_item AS i ON i.work_item_id = w.work_item_id
JOIN reading AS r ON r.source_id = w.source_id
LEFT JOIN counted AS c ON c.work_item_id = w.work_item_id
LEFT JOIN explained AS e ON e.work_item_id = w.work_item_id
WHERE COALESCE(w.created_at, w.opened_at) < r.earlier_at
UNION ALL
SELECT
  c.work_item_id AS record_id, c.source_id, c.number, c.lost_at, c.vanished_records, 0 AS vanished_events,
  0 AS altered_events, c.aged, c.losses, COALESCE(e.entries, 0) AS explanations
FROM counted AS c
LEFT JOIN explained AS e ON e.work_item_id = c.work_item_id
WHERE c.vanished_records > 0
