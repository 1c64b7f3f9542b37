-- scan: message, interface_id, packets
SELECT interface_id, n::VARCHAR, total::VARCHAR
FROM (
  SELECT interface_id, count(*) AS n, sum(packets) AS total FROM scan_0
  WHERE regexp_matches(message, ' 22 6 .* REJECT OK$') GROUP BY interface_id)
ORDER BY n DESC, total DESC LIMIT 10
