-- scan: message
SELECT proto, total::VARCHAR, n::VARCHAR
FROM (
  SELECT f[8] AS proto, sum(TRY_CAST(f[10] AS BIGINT)) AS total, count(*) AS n
  FROM (SELECT string_split(message, ' ') AS f FROM scan_0)
  WHERE len(f) >= 14 AND array_to_string(f[14:], ' ') = 'OK' GROUP BY proto)
ORDER BY total DESC
