SELECT strftime(make_timestamp(time * 300000000), '%Y-%m-%d %H:%M:%S.%g'), total::VARCHAR, records::VARCHAR
FROM (SELECT start // 300 AS time, sum(bytes) AS total, count(*) AS records FROM records GROUP BY time)
ORDER BY time
