-- scan: timestamp, srcaddr, srcaddr_text, bytes
SELECT
  coalesce((srcaddr >> 24) || '.' || (srcaddr >> 16 & 255) || '.' || (srcaddr >> 8 & 255) || '.' || (srcaddr & 255), srcaddr_text),
  peak::VARCHAR, rtrim(rtrim(printf('%.4f', mean), '0'), '.')
FROM (
  SELECT srcaddr, srcaddr_text, max(total) AS peak, avg(total) AS mean
  FROM (
    SELECT srcaddr, srcaddr_text, timestamp // 3600000 AS hour, sum(bytes) AS total FROM scan_0 GROUP BY ALL)
  GROUP BY ALL ORDER BY peak DESC NULLS LAST LIMIT 10)
ORDER BY peak DESC
