WITH hours AS (SELECT srcaddr, start // 3600 AS hour, sum(bytes) AS total FROM records GROUP BY ALL)
SELECT srcaddr, max(total)::VARCHAR, rtrim(rtrim(printf('%.4f', avg(total)), '0'), '.')
FROM hours GROUP BY srcaddr ORDER BY max(total) DESC NULLS LAST LIMIT 10
