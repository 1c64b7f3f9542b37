SELECT dstport::VARCHAR, count(*)::VARCHAR
FROM records WHERE action = 'REJECT' GROUP BY dstport ORDER BY count(*) DESC, dstport LIMIT 20
