-- scan: srcaddr, srcaddr_text, interface_id
SELECT interface_id, sources::VARCHAR, n::VARCHAR
FROM (
  SELECT interface_id, count(*) AS sources, sum(n) AS n
  FROM (SELECT interface_id, srcaddr, srcaddr_text, count(*) AS n FROM scan_0 GROUP BY ALL)
  GROUP BY interface_id)
ORDER BY sources DESC, n DESC
