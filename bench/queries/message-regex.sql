-- scan: message, interface_id
SELECT interface_id, n::VARCHAR
FROM (
  SELECT interface_id, count(*) AS n FROM scan_0
  WHERE regexp_matches(message, ' 22 6 .* REJECT OK$') GROUP BY interface_id)
ORDER BY n DESC, interface_id
