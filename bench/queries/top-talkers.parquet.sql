SELECT srcaddr, dstaddr, sum(bytes)::VARCHAR
FROM records GROUP BY srcaddr, dstaddr ORDER BY sum(bytes) DESC NULLS LAST LIMIT 10
