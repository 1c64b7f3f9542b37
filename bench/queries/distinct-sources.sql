-- scan: srcaddr, srcaddr_text, interface_id
SELECT interface_id, sources::VARCHAR
FROM (
  SELECT interface_id, count(*) AS sources
  FROM (SELECT DISTINCT interface_id, srcaddr, srcaddr_text FROM scan_0)
  GROUP BY interface_id)
ORDER BY sources DESC, interface_id
