SELECT interface_id, p[1]::VARCHAR, p[2]::VARCHAR, n::VARCHAR
FROM (
  SELECT interface_id, quantile_disc(bytes, [0.5, 0.95]) AS p, count(*) AS n FROM records WHERE protocol = 6 GROUP BY interface_id)
ORDER BY p[2] DESC, n DESC
