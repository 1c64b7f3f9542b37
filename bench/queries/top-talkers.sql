-- scan: srcaddr, srcaddr_text, dstaddr, dstaddr_text, bytes
SELECT
  coalesce((srcaddr >> 24) || '.' || (srcaddr >> 16 & 255) || '.' || (srcaddr >> 8 & 255) || '.' || (srcaddr & 255), srcaddr_text),
  coalesce((dstaddr >> 24) || '.' || (dstaddr >> 16 & 255) || '.' || (dstaddr >> 8 & 255) || '.' || (dstaddr & 255), dstaddr_text),
  total::VARCHAR
FROM (
  SELECT srcaddr, srcaddr_text, dstaddr, dstaddr_text, sum(bytes) AS total
  FROM scan_0 GROUP BY ALL ORDER BY total DESC NULLS LAST LIMIT 10)
ORDER BY total DESC
