import { describe, expect, it } from 'vitest';
import { withoutRanges } from '../../../test/insights-arbitrary.ts';
import { QueryError } from '../../fault/index.ts';
import { insightsCommands, parseInsights, printInsights } from '../index.ts';

/** Samples of AWS's documentation and of its consoles, and queries that were tried at AWS. */
const samples = [
  "filter (dstAddr like 'x.x.x.x' and srcAddr not like 'y.y.')\n| stats sum(bytes) as bytesTransferred by srcAddr, dstAddr\n| sort bytesTransferred desc\n| limit 10",
  'filter ispresent(nextHopInterfaceType) and nextHopInterfaceType != "-"\n| filter nextHopInterfaceType = "nat_gateway" or nextHopInterfaceType = "regional_nat_gateway"\n| stats sum(bytes) as totalBytes, sum(packets) as totalPackets by nextHopVpcId, nextHopSubnetId, nextHopInterfaceType\n| sort totalBytes desc\n| limit 50',
  'filter action = "REJECT"\n| stats count(*) as rejectCount by srcaddr, dstaddr, dstport\n| sort rejectCount desc\n| limit 50',
  'stats avg(f1) as myAvgF1 | sort myAvgF1 desc',
  'FIELDS strlen(@message) AS message_length | STATS sum(message_length) AS ingested_bytes BY @logStream | STATS avg(ingested_bytes) BY bin(5m)',
  'stats count(*) by eventSource, eventName, awsRegion',
  'stats sum(packets) as packetsTransferred by srcAddr, dstAddr\n    | sort packetsTransferred  desc\n    | limit 15',
  'filter isIpv4InSubnet(srcAddr, "192.0.2.0/24")\n    | stats sum(bytes) as bytesTransferred by dstAddr\n    | sort bytesTransferred desc\n    | limit 15',
  'filter protocol=17 | stats count(*) by srcAddr',
  'filter logStatus="SKIPDATA"\n    | stats count(*) by bin(1h) as t\n    | sort t',
  "fields @timestamp, srcAddr, dstAddr, srcPort, dstPort, protocol, bytes\n| filter logStream = 'vpc-flow-logs' and interfaceId = 'eni-0123456789abcdef0'\n| sort @timestamp desc\n| dedup srcAddr, dstAddr, srcPort, dstPort, protocol\n| limit 20",
  'stats avg(bytes) by dstAddr',
  'stats avg(bytes), max(bytes) by dstAddr',
  'parse @message /(?<NetworkInterface>eni-.*?) / | display NetworkInterface, @message',
  'fields @timestamp, srcAddr\n| cidrlookup net_table srcAddr OUTPUT region, owner, datacenter',
  "SOURCE dataSource(['amazon_vpc.flow'])",
  "SOURCE dataSource(['amazon_vpc.flow']) logGroups(namePrefix: ['namePrefix1'])",
  'stats avg(bytes), min(bytes), max(bytes) by srcAddr, dstAddr',
  'stats sum(bytes) as bytesTransferred by srcAddr, dstAddr | sort bytesTransferred desc | limit 10',
  'filter action="REJECT" | stats count(*) as numRejections by srcAddr | sort numRejections desc | limit 20',
  'filter srcAddr LIKE "192.0.2." | stats sum(bytes) as bytesTransferred by dstAddr | sort bytesTransferred desc | limit 15',
  "filter (dstAddr like 'x.x.x.x' and srcAddr like 'y.y.')\n| stats sum(bytes) as bytesTransferred by srcAddr, dstAddr\n| sort bytesTransferred desc\n| limit 10",
  "filter (dstAddr like 'x.x.x.x' and srcAddr like 'y.y.') or (srcAddr like 'xxx.xx.xx.xx' and dstAddr like 'y.y.')\n| stats sum(bytes) as bytesTransferred by srcAddr, dstAddr",
  "filter (srcAddr like 'x.x.x.x' and dstAddr not like 'y.y.')\n| stats sum(bytes) as bytesTransferred by srcAddr, dstAddr",
  'filter ispresent(nextHopAzId) and nextHopAzId != "-"\n| filter azId != nextHopAzId\n| stats sum(bytes) as totalBytes, count(*) as flowCount by azId, nextHopAzId\n| sort totalBytes desc\n| limit 50',
  'filter ispresent(instanceTag)\n| filter instanceTag like /my%2Dapp/',
  'fields @timestamp, @message | sort @timestamp desc | limit 25',
  'filter @message like /Exception/ | stats count(*) as exceptionCount by bin(1h) | sort exceptionCount desc',
  'fields @message | filter @message not like /Exception/',
  'fields `foo-bar`, action, abs(f3-f4)',
  "fields concat(Operation, '-', StatusCode) as opStatus",
  'fields f1, f2 | filter (f1=10 or f3>25)',
  'fields f1 | filter statusCode like /2\\d\\d/',
  'fields @timestamp, @message | filter Type not in ["foo","bar",1]',
  'fields f1, f2, f3 | filter f1 =~ /Exception/',
  'fields f1, f2, f3 | filter f1 like /(?i)Exception/',
  'stats count(*) by duration as time | sort time desc',
  'filter @type = "REPORT" | stats avg(@duration), max(@duration), min(@duration) by bin(5m)',
  'filter @type = "REPORT" | stats max(@memorySize / 1000 / 1000) as provisonedMemoryMB, max(@maxMemoryUsed / 1000 / 1000) as maxMemoryUsedMB, provisonedMemoryMB - maxMemoryUsedMB as overProvisionedMB',
  'parse @message "user=*, method:*, latency := *" as @user, @method, @latency | stats avg(@latency) by @method, @user',
  'parse @message "[*] * The error was: *" as level, config, exception',
  'parse @message /\\[(?<level>\\S+)\\]\\s+(?<config>\\{.*\\})\\s+The error was: (?<exception>\\S+)/',
  'FIELDS @message | PARSE @message "* [*] *" as loggingTime, loggingType, loggingMessage | FILTER loggingType IN ["ERROR", "INFO"] | DISPLAY loggingMessage, loggingType = "ERROR" as isError',
  'FIELDS strlen(@message) AS message_length | STATS sum(message_length)/1024/1024 as logs_mb BY bin(5m) | STATS max(logs_mb) AS peak_ingest_mb, avg(logs_mb) AS avg_ingest_mb',
  'FIELDS strlen(@message) AS message_length | STATS sum(message_length) / 1024 / 1024 AS logs_mb BY BIN(5m) as @t | STATS max(logs_mb) AS peak_ingest_mb BY dateceil(@t, 10m)',
  'STATS count_distinct(client_ip) AS session_ips, count(*) AS requests BY session_id, client_platform | FILTER session_ips > 1 | STATS count(*) AS multiple_ip_sessions, sum(requests) / count(*) AS avg_session_requests BY client_platform',
  'FIELDS @message | STATS SUM(Fault) by Operation | STATS MAX(strlen(@message)) AS MaxMessageSize',
  'fields jsonParse(@message) as json_message | unnest json_message.events into event | display event.name',
  'parse @message "Status Code: *;" as statusCode | filter statusCode >= 400 and statusCode <= 499 | filter toMillis(@timestamp) >= (now() * 1000 - 7200000)',
  "SOURCE logGroups(namePrefix: ['Query']) | fields @message | limit 5",
  'stats count(*) by queryType, bin(1h)',
  'filter (eventName="StartInstances" or eventName="StopInstances") and awsRegion="us-east-2"',
  'filter eventName="UpdateTrail" and ispresent(errorCode) | stats count(*) by errorCode, errorMessage',
  'fields @timestamp, @message | stats count(*) as numberOfEvents by `detail-type` | sort numberOfEvents desc',
  'parse "Error for [*] [*] due to: *" canaryName1, canaryId1, cause1 | filter isP | stats count(*) by substr(cause,0,130)',
  'sort by @billedDuration desc',
  'fields @timestamp, bytes | autoregress bytes p=1-4',
  'fields @timestamp, latency | stats avg(latency) as avg_latency by bin(1m) | fillmissing with 0 for avg_latency',
  'fields svc | stats count(*) as cnt by svc | appendcols override=true ( SOURCE lg | stats avg(latency) as avgLat by svc )',
];

describe('samples', () => {
  it.each(samples)('%s', (text) => {
    const query = parseInsights(text);
    expect(withoutRanges(parseInsights(printInsights(query)))).toEqual(withoutRanges(query));
  });
});

describe('every form, as it is printed', () => {
  it.each([
    ['fields a+b, c as d', 'fields a+b, c as d'],
    ['fields a # why\n, b', 'fields a, b'],
    ['# | fields x\nfields a', 'fields a'],
    ['fields event-name', 'fields event-name'],
    ['where !ispresent(x) and NOT y', 'filter not ispresent(x) and not y'],
    ["filter a = 'it\\'s' and b = \"\\d\\\\\"", 'filter a = "it\'s" and b = "\\\\d\\\\"'],
    ['filter a like /[/]x\\// and b', 'filter a like /[\\/]x\\// and b'],
    ['filter a like /two\nlines/', 'filter a like /two\nlines/'],
    ['filter a/b > 2 and c / d < 3', 'filter a / b > 2 and c / d < 3'],
    ['filter replace(a, /x/, "y") = b', 'filter replace(a, /x/, "y") = b'],
    ['filter a in [-1, "b"] or x NOT IN [c]', 'filter a in [-1, "b"] or x not in [c]'],
    ['filter a in (SOURCE "g" | fields a)', 'filter a in (SOURCE "g" | fields a)'],
    ['filter (source like /a/ or source in ["b"])', 'filter source like /a/ or source in ["b"]'],
    ['filterIndex a = "b" and c in [1]', 'filterIndex a = "b" and c in [1]'],
    ['stats count(*), count() by bin(5 m)', undefined],
    ['stats count(*) by bin(5m) offset 1h', 'stats count(*) by bin(5m) offset 1h'],
    ['stats max(a) by datefloor(@t, 3hrs), bin(2 )', 'stats max(a) by datefloor(@t, 3hrs), bin(2 )'],
    ['sort by a, b desc, c ASC', 'sort a asc, b desc, c asc'],
    ['sort abs(a) as x desc', 'sort abs(a) as x desc'],
    ['limit any 3', 'limit any 3'],
    ['head 3', 'limit 3'],
    ['TAIL 3', 'limit 3'],
    ['dedup a, `b-c` | limit 3 | head 1', 'dedup a, `b-c` | limit 3 | limit 1'],
    ['parse "a * b" x', 'parse "a * b" as x'],
    ["parse f 'a * b *' as x, @y", 'parse f "a * b *" as x, @y'],
    ['parse concat(a, b / c) /(?<x>.)/', 'parse concat(a, b / c) /(?<x>.)/'],
    ['parse /(\\d+)/ as n MULTI', 'parse /(\\d+)/ as n multi'],
    ['parse @message /a(?<b>.)/ multi', 'parse @message /a(?<b>.)/ multi'],
    ['parse f logfmt as lf', 'parse f logfmt as lf'],
    ['parse LOGFMT as lf', 'parse logfmt as lf'],
    ['parse csv csv as a, b', 'parse `csv` csv as a, b'],
    ["parse f XML '/a/b' as x", 'parse f xml "/a/b" as x'],
    ['json field=f "a.b" as x', 'json field=f "a.b" as x'],
    ['json "a.b" as x', 'json "a.b" as x'],
    ['pattern @message | diff', 'pattern @message | diff'],
    ['pattern @message | DIFF previousweek', 'pattern @message | diff previousWeek'],
    ['unnest a.b into c', 'unnest a.b into c'],
    ['expand items', 'expand items'],
    ['lookup t k as f, l OUTPUT a, b as c', 'lookup t k as f, l OUTPUT a, b as c'],
    ['lookup "my-table" k output a', 'lookup `my-table` k OUTPUT a'],
    ['cidrlookup t f as net outputnew a as b', 'cidrlookup t f as net OUTPUTNEW a as b'],
    [
      "join left=A right=B where A.k=B.k and B.@m = A.`x-y` (SOURCE '/a/b' | limit 2)",
      'join type=inner left=A right=B where A.k = B.k and A.`x-y` = B.@m (SOURCE "/a/b" | limit 2)',
    ],
    [
      'join type=LEFT right=r left=l where l.k = r.k (SOURCE /a/b-c)',
      'join type=left left=l right=r where l.k = r.k (SOURCE "/a/b-c")',
    ],
    ['addtotals', 'addtotals fieldname="Total" row=true col=false'],
    ['addtotals col=true fieldname=All a, b', 'addtotals fieldname="All" row=true col=true a, b'],
    ['autoregress a as b p=2', 'autoregress a as b p=2'],
    ['autoregress a', 'autoregress a p=1'],
    ['accum a AS b', 'accum a as b'],
    ['filldown', 'filldown'],
    ['filldown a b* *c, *', 'filldown a, b*, *c, *'],
    ['fillmissing', 'fillmissing'],
    ['fillmissing with 0 for a, with "x" for b, -1 for c', 'fillmissing with 0 for a, "x" for b, -1 for c'],
    ['outlier a b', 'outlier action=transform param=2.5 uselower=false mark=false a, b'],
    [
      'outlier mark=true param=3 action=remove uselower=TRUE a, b',
      'outlier action=remove param=3 uselower=true mark=true a, b',
    ],
    ['sessionize a, b maxspan 30m AS s', 'sessionize a, b maxspan 30m as s'],
    ['sessionize a maxspan=1h', 'sessionize a maxspan 1h'],
    ['count_frequent a, b', 'countFrequent a, b'],
    ['appendcols max=5 (limit 3)', 'appendcols override=false max=5 (limit 3)'],
    ['unmask @message', 'unmask @message'],
    ['anomaly', 'anomaly'],
    ['relevantfields [a, b] where (c | d) = 1 | limit 1', 'relevantfields | limit 1'],
    ['logcompare timeshift 7d', 'logcompare'],
    ['SOURCE \'a\' | SOURCE "b" | limit 1', 'SOURCE "a" | SOURCE "b" | limit 1'],
    ['source /aws/x-y.z', 'SOURCE "/aws/x-y.z"'],
    ['SOURCE "a" START=1700000000000 END=1700000099999', 'SOURCE "a" START=1700000000000 END=1700000099999'],
    [
      'SOURCE logGroups(namePrefix: [], class: "STANDARD") START=-1w END=0s | limit 1',
      'SOURCE logGroups(class: ["STANDARD"]) START=-604800s END=0s | limit 1',
    ],
    [
      "SOURCE logGroups(accountIdentifier: ['1'], namePrefix: ['a', 'b'])",
      'SOURCE logGroups(namePrefix: ["a", "b"], accountIdentifiers: ["1"])',
    ],
    [
      'SOURCE logGroupTags([{"key":"Application","values":["checkout"]}, {key: "x"}])',
      'SOURCE logGroupTags([{"key": "Application", "values": ["checkout"]}, {"key": "x"}])',
    ],
  ])('%s', (text, printed) => {
    if (printed === undefined) expect(() => parseInsights(text)).toThrow(QueryError);
    else expect(printInsights(parseInsights(text))).toBe(printed);
  });

  it.each([
    ['1ms 2msec 3msecs 4millisecond 5milliseconds', 'ms'],
    ['1s 2sec 3secs 4second 5seconds', 's'],
    ['1m 2min 3mins 4minute 5minutes', 'm'],
    ['1h 2hr 3hrs 4hour 5HOURS', 'h'],
    ['1d 2day 3days', 'd'],
    ['1w 2week 3weeks', 'w'],
    ['1mo 2mon 3mons 4month 5months', 'mo'],
    ['1q 2qtr 3qtrs 4quarter 5quarters', 'q'],
    ['1y 2yr 3yrs 4year 5years', 'y'],
  ])('periods %s', (text, unit) => {
    const [command] = parseInsights(`filter a in [${text.replaceAll(' ', ', ')}]`).commands;
    const list = command.kind === 'filter' && command.condition.kind === 'in' ? command.condition.list : [];
    expect(list.map((period) => period.kind === 'period' && [period.count, period.unit])).toEqual(
      list.map((_, i) => [i + 1, unit]),
    );
  });

  it('has a column named by its text as written', () => {
    const text = 'stats count( * ) , sum(a)/2 as n by bin( 5m )';
    const [command] = parseInsights(text).commands;
    const columns = command.kind === 'stats' ? [...command.aggregates, ...command.by] : [];
    expect(columns.map((column) => column.text)).toEqual(['count( * )', 'sum(a)/2', 'bin( 5m )']);
  });
});

describe('errors', () => {
  /** The range is where `«` and `»` stand in the query; at the end of the text both do. */
  const marked = (text: string) => {
    const start = text.indexOf('«');
    const end = text.indexOf('»') - 1;
    return { text: text.replace('«', '').replace('»', ''), start, end };
  };

  it.each([
    { query: '«»', message: 'unexpected symbol found <EOF> at line 1 and position 0', expected: 'fields' },
    { query: '«bad» x', message: 'unexpected symbol found bad at line 1 and position 0', expected: 'stats' },
    { query: 'limit 1\n| «fileds» x', message: 'found fileds at line 2 and position 2', expected: 'fields' },
    { query: 'fields «»', message: 'found <EOF>', expected: 'field' },
    { query: 'fields a, «|» limit 1', message: 'found |', expected: 'field' },
    { query: 'limit 1 |«»', message: 'found <EOF>', expected: 'filter' },
    { query: 'fields a «b»', message: 'found b', expected: 'as' },
    { query: 'fields a as «1»', message: 'found 1', expected: 'name' },
    { query: 'filter a =«=» 1', message: 'found =', expected: '= instead of ==' },
    { query: 'filter a «&»& b', message: 'found &', expected: 'and instead of &&' },
    { query: 'filter a |«|» b', message: 'found |', expected: 'or instead of ||' },
    { query: 'filter a <«>» 1', message: 'found >', expected: '!= instead of <>' },
    { query: 'filter a «is» null', message: 'found is', expected: 'not ispresent(field) instead of is null' },
    {
      query: 'filter a «is» NOT null',
      message: 'found is',
      expected: 'ispresent(field) instead of is not null',
    },
    { query: 'filter a = b «=» c', message: 'found =', expected: 'and' },
    { query: 'filter (a = 1«»', message: 'found <EOF>', expected: ')' },
    { query: 'filter a not «=» 1', message: 'found =', expected: 'like' },
    { query: 'filter a =~ «"x"»', message: 'found "x"', expected: '/regex/' },
    { query: 'filter a in «"x"»', message: 'found "x"', expected: '[' },
    { query: 'filter a in («fields» a)', message: 'found fields', expected: 'SOURCE' },
    { query: 'filter a in [«]»', message: 'found ]', expected: 'string' },
    { query: 'filter a like /x/«i»', message: 'unexpected symbol found i at', expected: 'and' },
    { query: 'filter a = «"x»', message: 'the string is not closed at line 1 and position 11', expected: '' },
    { query: 'filter a like «/x[/]»', message: 'the regular expression is not closed', expected: '' },
    { query: 'fields «`»a', message: 'the backtick is not closed', expected: '' },
    { query: 'filter a = «{{port}}»', message: 'the parameter {{port}} has no value', expected: '' },
    { query: 'filter a = «$»x', message: 'found $', expected: 'string' },
    { query: 'filter a = «5foo»', message: 'found 5foo', expected: 'number' },
    { query: 'filter a = «1e999»', message: 'the number is too large', expected: '' },
    { query: 'filter referrer= http«:»//1.2.3.4/', message: 'found :', expected: '|' },
    { query: 'filter «and» b', message: 'found and', expected: 'field' },
    { query: 'filterIndex «a > 1»', message: 'filterIndex takes only', expected: 'field = value' },
    { query: 'filterIndex a = 1 and («b = 1 or c = 2»)', message: 'filterIndex takes only', expected: '' },
    { query: 'filterIndex «a not in [1]»', message: 'filterIndex takes only', expected: '' },
    { query: 'stats count(*) by«»', message: 'found <EOF>', expected: 'field' },
    { query: 'stats count(*) by a offset «1»', message: 'found 1', expected: '5m' },
    { query: 'sort «desc»', message: 'found desc', expected: 'field' },
    { query: 'sort a desc «asc»', message: 'found asc', expected: ',' },
    { query: 'limit «»', message: 'found <EOF>', expected: 'number' },
    { query: 'limit «0»', message: 'limit takes 1 to 100000, not 0', expected: '' },
    { query: 'limit «100001»', message: 'limit takes 1 to 100000', expected: '' },
    { query: 'limit «1.5»', message: 'found 1.5', expected: 'number' },
    { query: 'dedup a | «sort» b', message: 'unexpected symbol found sort', expected: 'limit' },
    { query: 'dedup a | limit 1 | «fields» b', message: 'unexpected symbol found fields', expected: 'limit' },
    {
      query: 'fields a | «diff»',
      message: 'Diff compilation Failed : Diff operation has to be used after Pattern',
      expected: 'pattern',
    },
    {
      query: 'parse @message «"*, *" as a»',
      message: 'one name for each *: found 2 * and 1 name',
      expected: '',
    },
    { query: 'parse @message "*" as«»', message: 'found <EOF>', expected: 'name' },
    { query: 'parse logfmt «@message»', message: 'found @message', expected: 'csv' },
    { query: 'parse @message «as» x', message: 'found as', expected: '"glob"' },
    { query: 'json field=f «a» as x', message: 'found a', expected: '"path"' },
    { query: 'unnest a «as» b', message: 'found as', expected: 'into' },
    { query: 'lookup t k«»', message: 'found <EOF>', expected: 'OUTPUT' },
    { query: 'cidrlookup t f «put» a', message: 'found put', expected: 'OUTPUTNEW' },
    { query: 'join left=A «where» A.k=B.k (SOURCE "x")', message: 'found where', expected: 'right=' },
    { query: 'join left=A right=B where «k»=B.k (SOURCE "x")', message: 'found k', expected: 'A.field' },
    { query: 'join left=A right=B where A.k=«A.j» (SOURCE "x")', message: 'found A.j', expected: 'B.field' },
    { query: 'join left=A right=B where A.k=B.k «|» limit 1', message: 'found |', expected: '(' },
    { query: 'join type=«outer» left=A', message: 'found outer', expected: 'inner' },
    { query: 'appendcols override=«yes» (limit 1)', message: 'found yes', expected: 'true' },
    { query: 'appendcols max=«0» (limit 1)', message: 'max takes 1 to 100000', expected: '' },
    { query: 'autoregress a p=«3-1»', message: 'p takes rows from 1', expected: 'p=1-3' },
    { query: 'outlier action=remove«»', message: 'found <EOF>', expected: 'field' },
    { query: 'fillmissing with 0 «as» a', message: 'found as', expected: 'for' },
    { query: 'SOURCE «»', message: 'found <EOF>', expected: 'logGroups(' },
    { query: 'SOURCE «groups»(namePrefix: ["a"])', message: 'found groups', expected: 'dataSource(' },
    { query: 'SOURCE logGroups(«prefix»: ["a"])', message: 'found prefix', expected: 'namePrefix:' },
    { query: 'SOURCE "a" START=-«1mo»', message: 'relative time', expected: '' },
    { query: 'fields a «)»', message: 'found )', expected: '|' },
    { query: 'fields a«.».b', message: 'found .', expected: ',' },
    { query: 'fields «é»', message: 'found é', expected: 'field' },
  ])('$query', ({ query, message, expected }) => {
    const place = marked(query);
    const error = failure(place.text);
    expect(error?.message).toContain(message);
    expect([error?.start, error?.end]).toEqual([place.start, place.end]);
    if (expected !== '') expect(error?.expected).toContain(expected);
  });

  it.each([
    { name: 'a long text', text: `filter a = "${'x'.repeat(10_000)}"`, message: 'more than 10000' },
    { name: 'a NUL', text: 'fields `a\0b`', message: 'NUL' },
    { name: 'parentheses', text: `filter ${'('.repeat(9_900)}`, message: 'levels' },
    {
      name: 'balanced parentheses',
      text: `filter ${'('.repeat(4_900)}a${')'.repeat(4_900)}`,
      message: 'levels',
    },
    { name: 'nots', text: `filter ${'not '.repeat(2_400)}a`, message: 'levels' },
    { name: 'exclamation marks', text: `filter ${'!'.repeat(9_900)}a`, message: 'levels' },
    { name: 'minuses', text: `filter ${'-'.repeat(9_900)}a`, message: 'levels' },
    { name: 'powers', text: `filter ${'a^'.repeat(4_900)}a`, message: 'levels' },
    { name: 'functions', text: `filter ${'f('.repeat(4_900)}a`, message: 'levels' },
    { name: 'sums', text: `filter ${'a+'.repeat(4_900)}a`, message: 'levels' },
    { name: 'subqueries', text: `filter ${'a in (SOURCE x|filter '.repeat(450)}a`, message: 'levels' },
    { name: '100,000 parentheses', text: '('.repeat(100_000), message: 'more than 10000' },
    { name: '100,000 nots', text: `filter ${'not '.repeat(100_000)}`, message: 'more than 10000' },
    { name: '100,000 minuses', text: `filter ${'-'.repeat(100_000)}`, message: 'more than 10000' },
  ])('hostile: $name', ({ text, message }) => {
    expect(failure(text)?.message).toContain(message);
  });

  it('takes as many conditions as anyone would write', () => {
    const text = `filter ${Array.from({ length: 400 }, (_, i) => `p = ${i}`).join(' or ')}`;
    expect(printInsights(parseInsights(text))).toBe(text);
  });
});

describe('insightsCommands', () => {
  it.each(insightsCommands)('%s begins a command in any case', (command) => {
    for (const word of [command.toUpperCase(), command.toLowerCase()]) {
      expect(failure(`pattern a | ${word} 'nonsense' (`)?.message ?? '').not.toContain(`found ${word} at`);
    }
  });
});

function failure(text: string): QueryError | undefined {
  try {
    parseInsights(text);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(QueryError);
    return error as QueryError;
  }
}
