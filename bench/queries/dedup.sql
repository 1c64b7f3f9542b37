-- scan: timestamp, ingestion_time, id, action, srcaddr, srcaddr_text, dstaddr, dstaddr_text, dstport
SELECT
  strftime(make_timestamp(timestamp * 1000), '%Y-%m-%d %H:%M:%S.%g'),
  coalesce((srcaddr >> 24) || '.' || (srcaddr >> 16 & 255) || '.' || (srcaddr >> 8 & 255) || '.' || (srcaddr & 255), srcaddr_text),
  coalesce((dstaddr >> 24) || '.' || (dstaddr >> 16 & 255) || '.' || (dstaddr >> 8 & 255) || '.' || (dstaddr & 255), dstaddr_text),
  dstport::VARCHAR
FROM scan_0
WHERE id IN (
  SELECT last.id FROM (
    SELECT max({t: timestamp, i: ingestion_time, id: id}) AS last
    FROM scan_0 WHERE action = 'REJECT' GROUP BY srcaddr, srcaddr_text, dstport ORDER BY last DESC LIMIT 50))
ORDER BY timestamp DESC, ingestion_time DESC, id DESC
