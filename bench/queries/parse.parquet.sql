SELECT proto, total::VARCHAR, n::VARCHAR
FROM (
  SELECT f[8] AS proto, sum(TRY_CAST(f[10] AS BIGINT)) FILTER (isOk) AS total, count(*) FILTER (isOk) AS n
  FROM (
    SELECT f, len(f) >= 14 AND array_to_string(f[14:], ' ') = 'OK' AS isOk
    FROM (
      SELECT string_split(
        concat_ws(' ', version, account_id, interface_id, srcaddr, dstaddr, coalesce(srcport::VARCHAR, '-'),
          coalesce(dstport::VARCHAR, '-'), coalesce(protocol::VARCHAR, '-'), coalesce(packets::VARCHAR, '-'),
          coalesce(bytes::VARCHAR, '-'), start, "end", action, log_status), ' ') AS f
      FROM records))
  GROUP BY proto)
WHERE n > 0
ORDER BY total DESC
