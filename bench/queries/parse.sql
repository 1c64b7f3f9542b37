-- scan: message
-- A WHERE would have the message made and split twice: DuckDB copies expressions into filters that it pushes down.
SELECT proto, total::VARCHAR, n::VARCHAR
FROM (
  SELECT f[8] AS proto, sum(TRY_CAST(f[10] AS BIGINT)) FILTER (isOk) AS total, count(*) FILTER (isOk) AS n
  FROM (
    SELECT f, len(f) >= 14 AND array_to_string(f[14:], ' ') = 'OK' AS isOk
    FROM (SELECT string_split(message, ' ') AS f FROM scan_0))
  GROUP BY proto)
WHERE n > 0
ORDER BY total DESC
