-- ties: events of one second stand in another order here, so that only their times are compared
WITH newest AS (
  SELECT DISTINCT ON (srcaddr, dstport) start, file_row_number, srcaddr, dstaddr, dstport
  FROM records WHERE action = 'REJECT' ORDER BY start DESC, file_row_number DESC LIMIT 50)
SELECT strftime(make_timestamp(start * 1000000), '%Y-%m-%d %H:%M:%S.%g'), srcaddr, dstaddr, dstport::VARCHAR
FROM newest ORDER BY start DESC, file_row_number DESC
