/** The octets with the dot after them: a look-up is a third faster than turning numbers into text. */
const octets = `[${Array.from({ length: 256 }, (_, octet) => `'${octet}.'`).join(',')}]`;
const lastOctets = `[${Array.from({ length: 256 }, (_, octet) => `'${octet}'`).join(',')}]`;

const definitions = [
  'finite_number(x) AS CASE WHEN isfinite(x) THEN x END',
  // Numbers of Insights, which are fewer than DuckDB would read: no `inf`, ` 1`, `1_000`, `.5`.
  `text_number(t) AS CASE WHEN regexp_full_match(t, '-?[0-9]+(\\.[0-9]*)?([eE][+-]?[0-9]+)?')
     THEN finite_number(TRY_CAST(t AS DOUBLE)) END`,
  // At most four decimals; what would round to nothing keeps its first digits.
  `number_text(x) AS CASE
     WHEN x = trunc(x) THEN CASE WHEN abs(x) < 1e21 THEN x::HUGEINT::VARCHAR WHEN isfinite(x::DOUBLE) THEN x::VARCHAR END
     WHEN abs(x) < 1e-18 THEN format('{:.4g}', x::DOUBLE)
     WHEN abs(x) < 0.00005 THEN rtrim(format('{:.{}f}', x::DOUBLE, 3 - floor(log10(abs(x)))::INTEGER), '0')
     WHEN abs(x) >= 1e11 THEN CASE WHEN isfinite(x::DOUBLE) THEN x::VARCHAR END
     WHEN round(x, 4) = trunc(round(x, 4)) THEN round(x, 4)::HUGEINT::VARCHAR
     ELSE round(x, 4)::VARCHAR END`,
  `text_truth(t) AS coalesce(lower(t) = 'true' OR text_number(t) <> 0, false)`,
  'number_differs(t, n) AS (t IS NOT NULL AND text_number(t) IS DISTINCT FROM n)',
  'text_equal(a, b) AS (a = b OR text_number(a) = text_number(b))',
  'text_unequal(a, b) AS (a <> b AND (text_number(a) = text_number(b)) IS NOT TRUE)',
  // Runs of digits and of other characters; a run of digits compares by its length, then its value.
  `natural_key(t) AS CASE WHEN text_number(t) IS NOT NULL OR NOT regexp_matches(t, '[0-9]') THEN [t] ELSE list_transform(
     regexp_extract_all(t, '[0-9]+|[^0-9]+'),
     lambda run: CASE WHEN run[1] BETWEEN '0' AND '9' THEN '0' || lpad(length(run)::VARCHAR, 7, '0') || run ELSE run END) END`,
  // The digits that an address begins with, between twice that number and twice the next; without digits, behind all.
  `first_number(t) AS CASE WHEN t[1] BETWEEN '0' AND '9' THEN 2 * TRY_CAST(regexp_extract(t, '^[0-9]+') AS BIGINT) + 1
     ELSE 9223372036854775807 END`,
  `sort_key(t) AS row(text_number(t) IS NOT NULL, text_number(t), natural_key(t))`,
  `time_text(ms) AS CASE WHEN ms BETWEEN -62135596800000 AND 253402300799999
     THEN strftime(make_timestamp(ms * 1000), '%Y-%m-%d %H:%M:%S.%g') ELSE ms::VARCHAR END`,
  `time_of(x) AS CASE WHEN x BETWEEN -62135596800000 AND 253402300799999 THEN floor(x)::BIGINT END`,
  'time_floor(ms, lift, width) AS (ms - (ms + lift) % width)',
  `month_floor(ms, months) AS epoch_ms(make_date(1970, 1, 1) + to_months(time_floor(
     ((year(make_timestamp(ms * 1000)) - 1970) * 12 + month(make_timestamp(ms * 1000)) - 1)::BIGINT, months * 24000, months)::INTEGER))`,
  'month_ceil(ms, months) AS epoch_ms(make_timestamp(month_floor(ms - 1, months) * 1000) + to_months(months::INTEGER))',
  `ipv4_text(a) AS (${octets}[(a >> 24) + 1] || ${octets}[((a >> 16) & 255) + 1]
     || ${octets}[((a >> 8) & 255) + 1] || ${lastOctets}[(a & 255) + 1])`,
  'digits_of(octet) AS (1 + (octet > 9)::INTEGER + (octet > 99)::INTEGER)',
  // As long as its numbers are when they are written without leading zeros.
  `octets_ipv4(p) AS CASE WHEN len(p) = 4 AND length(p[1]) + length(p[2]) + length(p[3]) + length(p[4])
     = digits_of(TRY_CAST(p[1] AS UTINYINT)) + digits_of(TRY_CAST(p[2] AS UTINYINT))
     + digits_of(TRY_CAST(p[3] AS UTINYINT)) + digits_of(TRY_CAST(p[4] AS UTINYINT))
     THEN (TRY_CAST(p[1] AS UTINYINT)::BIGINT << 24) + (TRY_CAST(p[2] AS UTINYINT)::BIGINT << 16)
     + (TRY_CAST(p[3] AS UTINYINT)::BIGINT << 8) + TRY_CAST(p[4] AS UTINYINT)::BIGINT END`,
  `text_ipv4(t) AS CASE WHEN regexp_full_match(t, '[0-9.]{7,15}')
     THEN list_transform([string_split(t, '.')], lambda parts: octets_ipv4(parts))[1] END`,
  // An IPv4 tail as two groups.
  `plain_ipv6(t) AS CASE WHEN NOT contains(t, '.') THEN t ELSE list_transform([text_ipv4(regexp_extract(t, ':([0-9.]+)$', 1))],
     lambda tail: regexp_replace(t, '[0-9.]+$', format('{:x}:{:x}', tail >> 16, tail & 65535)))[1] END`,
  `ipv6_groups(t) AS CASE WHEN t = '' THEN []::VARCHAR[]
     WHEN len(list_filter(string_split(t, ':'), lambda g: NOT regexp_full_match(g, '[0-9a-f]{1,4}'))) = 0
     THEN string_split(t, ':') END`,
  `group_hex(groups) AS array_to_string(list_transform(groups, lambda g: lpad(g, 4, '0')), '')`,
  `whole_ipv6(before, after) AS CASE
     WHEN after IS NULL THEN CASE WHEN len(before) = 8 THEN group_hex(before) END
     WHEN len(before) + len(after) <= 7
       THEN rpad(group_hex(before), (32 - 4 * len(after))::INTEGER, '0') || group_hex(after) END`,
  `sides_ipv6(sides) AS CASE len(sides)
     WHEN 1 THEN list_transform([ipv6_groups(sides[1])], lambda before: whole_ipv6(before, NULL::VARCHAR[]))[1]
     WHEN 2 THEN list_transform([[ipv6_groups(sides[1]), ipv6_groups(sides[2])]],
       lambda pair: CASE WHEN pair[2] IS NOT NULL THEN whole_ipv6(pair[1], pair[2]) END)[1] END`,
  // 32 hexadecimal digits, which compare as the addresses do.
  `text_ipv6(t) AS CASE WHEN contains(t, ':') AND length(t) <= 45 THEN list_transform(
     [string_split(plain_ipv6(lower(t)), '::')], lambda sides: sides_ipv6(sides))[1] END`,
  // A map or a list is no text: only what stands in one.
  `json_text(j) AS CASE json_type(j) WHEN 'OBJECT' THEN NULL WHEN 'ARRAY' THEN NULL ELSE j->>'$' END`,
  `json_render(j) AS CASE json_type(j) WHEN 'OBJECT' THEN json(j)::VARCHAR WHEN 'ARRAY' THEN json(j)::VARCHAR ELSE j->>'$' END`,
  `json_structure(t) AS CASE WHEN ltrim(t, E' \\t\\n\\r')[1] IN ('{', '[') THEN TRY_CAST(t AS JSON) END`,
  `json_size(j) AS CASE WHEN json_type(j) = 'ARRAY' THEN json_array_length(j)::BIGINT END`,
  `json_has(j, t) AS (json_type(j) = 'ARRAY' AND list_contains(json_extract_string(j, '$[*]'), t))`,
  'real_log(x) AS CASE WHEN x > 0 THEN ln(x) END',
  'real_root(x) AS CASE WHEN x >= 0 THEN sqrt(x) END',
  // Kilometres on a sphere of the Earth's mean radius.
  `great_circle(lat1, lon1, lat2, lon2) AS CASE WHEN lat1 + lon1 + lat2 + lon2 IS NOT NULL THEN 2 * 6371.0088 * asin(sqrt(least(1.0, pow(sin(radians(lat2 - lat1) / 2), 2)
     + cos(radians(lat1)) * cos(radians(lat2)) * pow(sin(radians(lon2 - lon1) / 2), 2)))) END`,
  `hex_number(t) AS CASE WHEN regexp_full_match(t, '-?(0[xX])?[0-9a-fA-F]+') THEN
     (CASE WHEN t[1] = '-' THEN -1 ELSE 1 END) * TRY_CAST('0x' || regexp_replace(t, '^-?(0[xX])?', '') AS BIGINT) END`,
  `number_hex(x) AS CASE WHEN abs(x) < 9e18 THEN
     (CASE WHEN trunc(x) < 0 THEN '-0x' ELSE '0x' END) || format('{:x}', abs(trunc(x))::BIGINT) END`,
  `hex_text(t) AS CASE WHEN regexp_full_match(t, '(0[xX])?([0-9a-fA-F]{2})*') THEN
     try(decode(unhex(regexp_replace(t, '^0[xX]', '')))) END`,
  // Padding may be left out.
  `base64_text(t) AS CASE WHEN regexp_full_match(t, '[A-Za-z0-9+/]*={0,2}') AND length(rtrim(t, '=')) % 4 <> 1
     THEN try(decode(from_base64(rpad(rtrim(t, '='), ((length(rtrim(t, '=')) + 3) // 4 * 4)::INTEGER, '=')))) END`,
  // LEAST and GREATEST would leave out a NULL.
  'text_index(x) AS CASE WHEN x IS NOT NULL THEN trunc(greatest(-1, least(x, 2147483646)))::BIGINT END',
  `part_of(t, start, size) AS CASE WHEN start IS NOT NULL AND size IS NOT NULL
     THEN substr(t, greatest(start, 0) + 1, greatest(size, 0)) END`,
  // Sums of whole numbers are exact, whether they came as columns of integers or as text.
  'is_exact(x) AS (x IS NULL OR (x = trunc(x) AND abs(x) <= 9007199254740992))',
  `sum_text(x) AS CASE WHEN bool_and(is_exact(x)) THEN sum(CASE WHEN is_exact(x) THEN x::BIGINT END)::VARCHAR
     ELSE number_text(sum(x)) END`,
  `mean_of(x) AS CASE WHEN bool_and(is_exact(x)) THEN avg(CASE WHEN is_exact(x) THEN x::BIGINT END) ELSE avg(x) END`,
  'deviation_of(x) AS stddev_pop(CASE WHEN abs(x) < 1e150 THEN x END)',
  // Texts that are no numbers count only where there are no numbers; the `-` of a record never does.
  `least_text(t) AS coalesce(number_text(min(text_number(t))),
     arg_min(t, CASE WHEN t <> '-' AND text_number(t) IS NULL THEN natural_key(t) END))`,
  `greatest_text(t) AS coalesce(number_text(max(text_number(t))),
     arg_max(t, CASE WHEN t <> '-' AND text_number(t) IS NULL THEN natural_key(t) END))`,
  // RFC 1918.
  `ipv4_private(a) AS (a BETWEEN 167772160 AND 184549375 OR a BETWEEN 2886729728 AND 2887778303
     OR a BETWEEN 3232235520 AND 3232301055)`,
  // The rest of IANA's registry of special-purpose addresses, and multicast.
  `ipv4_reserved(a) AS (a <= 16777215 OR a BETWEEN 1681915904 AND 1686110207 OR a BETWEEN 2130706432 AND 2147483647
     OR a BETWEEN 2851995648 AND 2852061183 OR a BETWEEN 3221225472 AND 3221225727 OR a BETWEEN 3221225984 AND 3221226239
     OR a BETWEEN 3227017984 AND 3227018239 OR a BETWEEN 3323068416 AND 3323199487 OR a BETWEEN 3325256704 AND 3325256959
     OR a BETWEEN 3405803776 AND 3405804031 OR a >= 3758096384)`,
  `ipv6_reserved(h) AS (h <= '00000000000000000000000000000001' OR h BETWEEN '00000000000000000000ffff00000000' AND '00000000000000000000ffffffffffff'
     OR starts_with(h, '0064ff9b0001') OR starts_with(h, '0100000000000000') OR starts_with(h, '20010db8')
     OR h[1:2] IN ('fc', 'fd', 'ff') OR h[1:3] IN ('fe8', 'fe9', 'fea', 'feb'))`,
] as const;

/**
 * `CREATE MACRO` statements of what the SQL of queries calls; the store runs them in this order, once, when it opens.
 * A macro's argument is written wherever its parameter stands: `call` of `sql/held` keeps that from growing.
 */
export const queryMacros: readonly string[] = definitions.map((definition) => `CREATE MACRO ${definition}`);
