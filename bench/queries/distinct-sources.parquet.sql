SELECT interface_id, count(DISTINCT srcaddr)::VARCHAR
FROM records GROUP BY interface_id ORDER BY count(DISTINCT srcaddr) DESC, interface_id
