-- scan: timestamp, bytes
SELECT strftime(make_timestamp(time * 300000000), '%Y-%m-%d %H:%M:%S.%g'), total::VARCHAR, records::VARCHAR
FROM (SELECT timestamp // 300000 AS time, sum(bytes) AS total, count(*) AS records FROM scan_0 GROUP BY time)
ORDER BY time
