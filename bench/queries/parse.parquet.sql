SELECT proto, total::VARCHAR, n::VARCHAR
FROM (
  SELECT f[8] AS proto, sum(TRY_CAST(f[10] AS BIGINT)) AS total, count(*) AS n
  FROM (
    SELECT string_split(
      concat_ws(' ', version, account_id, interface_id, srcaddr, dstaddr, coalesce(srcport::VARCHAR, '-'),
        coalesce(dstport::VARCHAR, '-'), coalesce(protocol::VARCHAR, '-'), coalesce(packets::VARCHAR, '-'),
        coalesce(bytes::VARCHAR, '-'), start, "end", action, log_status), ' ') AS f
    FROM records)
  WHERE len(f) >= 14 AND array_to_string(f[14:], ' ') = 'OK' GROUP BY proto)
ORDER BY total DESC
