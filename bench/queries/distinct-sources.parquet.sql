SELECT interface_id, count(DISTINCT srcaddr)::VARCHAR, count(*)::VARCHAR
FROM records GROUP BY interface_id ORDER BY count(DISTINCT srcaddr) DESC, count(*) DESC
