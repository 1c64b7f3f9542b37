SELECT interface_id, n::VARCHAR, total::VARCHAR
FROM (
  SELECT interface_id, count(*) AS n, sum(packets) AS total FROM records
  WHERE regexp_matches(
    concat_ws(' ', version, account_id, interface_id, srcaddr, dstaddr, coalesce(srcport::VARCHAR, '-'),
      coalesce(dstport::VARCHAR, '-'), coalesce(protocol::VARCHAR, '-'), coalesce(packets::VARCHAR, '-'),
      coalesce(bytes::VARCHAR, '-'), start, "end", action, log_status),
    ' 22 6 .* REJECT OK$')
  GROUP BY interface_id)
ORDER BY n DESC, total DESC LIMIT 10
