-- scan: srcaddr, dstaddr, dstaddr_text, protocol, packets
SELECT
  coalesce((dstaddr >> 24) || '.' || (dstaddr >> 16 & 255) || '.' || (dstaddr >> 8 & 255) || '.' || (dstaddr & 255), dstaddr_text),
  total::VARCHAR
FROM (
  SELECT dstaddr, dstaddr_text, sum(packets) AS total
  FROM scan_0 WHERE srcaddr BETWEEN 167772160 AND 167773183 AND protocol = 6
  GROUP BY dstaddr, dstaddr_text ORDER BY total DESC NULLS LAST LIMIT 10)
ORDER BY total DESC
