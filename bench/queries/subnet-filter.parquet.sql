SELECT dstaddr, sum(packets)::VARCHAR
FROM records WHERE regexp_full_match(srcaddr, '10\.0\.[0-3]\..*') AND protocol = 6
GROUP BY dstaddr ORDER BY sum(packets) DESC NULLS LAST LIMIT 10
