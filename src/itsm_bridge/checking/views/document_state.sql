-- Each document that is required, with how many versions of it the register of documents has: at all, approved, approved
-- and complete, and of these not past their review.
SELECT
  q.document_key, q.title, q.clause,
  COUNT(d.document_id) AS versions,
  SUM(CASE WHEN d.status = 'approved' AND COALESCE(d.approved_at <= $now, TRUE) THEN 1 ELSE 0 END) AS approved_versions,
  SUM(CASE
    WHEN d.status = 'approved' AND COALESCE(d.approved_at <= $now, TRUE) AND d.approved_by IS NOT NULL
      AND d.owner IS NOT NULL AND d.version IS NOT NULL THEN 1
    ELSE 0
  END) AS controlled_versions,
  SUM(CASE
    WHEN d.status = 'approved' AND COALESCE(d.approved_at <= $now, TRUE) AND d.approved_by IS NOT NULL
      AND d.owner IS NOT NULL AND d.version IS NOT NULL AND COALESCE(d.review_due_at >= $now, TRUE) THEN 1
    ELSE 0
  END) AS current_versions
FROM required_document AS q
LEFT JOIN document AS d ON d.document_key = q.document_key
GROUP BY q.document_key, q.title, q.clause
