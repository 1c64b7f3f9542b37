-- scan: action, dstport
SELECT dstport::VARCHAR, n::VARCHAR
FROM (SELECT dstport, count(*) AS n FROM scan_0 WHERE action = 'REJECT' GROUP BY dstport ORDER BY n DESC, dstport LIMIT 20)
ORDER BY n DESC, dstport
