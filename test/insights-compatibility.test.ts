import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { insightsCommands, insightsFunctions, signatureOf } from '../src/query/index.ts';

const docs = path.resolve(import.meta.dirname, '../docs');
const pageOf = (page: string): string => path.join(docs, page);
const textOf = (page: string): string => readFileSync(pageOf(page), 'utf8');

/** The part of a page under a heading. */
function section(page: string, heading: string): string {
  return textOf(page).split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
}

/** Words in backticks in the first column of a section's tables. */
function namesIn(text: string): string[] {
  return [...text.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell]) =>
    [...cell.matchAll(/`(\w+)/g)].map(([, name]) => name),
  );
}

/** The functions of the user guide, and the spellings that work at AWS without being in it. */
const documentedFunctions =
  `abs ceil floor greatest least log sqrt round haversine toNumber toInt toLong toDouble ispresent coalesce case if
  isNumeric messageSize queryStartTime queryEndTime queryTimeRange isempty isblank concat ltrim rtrim trim strlen toupper
  tolower substr replace regexReplace regex_replace strcontains startsWith endsWith split urlencode urldecode base64encode
  base64decode hexToAscii hexToDec decToHex bin datefloor dateceil fromMillis toMillis now parseDate formatDate strftime
  isValidIp isValidIpV4 isValidIpV6 isIpInSubnet isIpv4InSubnet isIpv6InSubnet ipv4ToNumber isPrivateIP isPublicIP
  isReservedIP jsonParse jsonStringify jsonArraySize jsonArrayContains md5 sha256 count count_distinct sum avg min max pct
  stddev earliest latest sortsFirst sortsLast values rate countOverTime count_over_time sumOverTime histogram`.split(
    /\s+/,
  );

const unsupported = ['anomaly', 'relevantfields', 'logcompare'];

describe('commands of Insights', () => {
  const table = section('90-compatibility.md', 'Logs Insights QL: commands');

  it('are all in the compatibility table, and no others', () => {
    expect(namesIn(table).sort()).toEqual([...insightsCommands, 'SOURCE'].sort());
  });

  it('are said to be unsupported where they are', () => {
    const rows = table.split('\n').filter((line) => line.includes('not supported'));
    expect(rows.flatMap(namesIn)).toEqual(unsupported);
  });

  it('are all explained on the page about queries', () => {
    const explained = new Set(namesIn(section('50-queries.md', 'Commands')));
    const told = (name: string) => explained.has(name) || unsupported.includes(name);
    expect(insightsCommands.filter((name) => !told(name))).toEqual([]);
  });
});

describe('functions of Insights', () => {
  // `npx vitest run test/insights-compatibility.test.ts -u` writes the table anew and leaves what stands before it.
  it('are in the table that the page about queries ends in', async () => {
    const [before] = textOf('50-queries.md').split('| function |');
    await expect(before + functionTable()).toMatchFileSnapshot(pageOf('50-queries.md'));
  });

  it('are all in the compatibility table, and no others', () => {
    const names = namesIn(section('90-compatibility.md', 'Logs Insights QL: functions'));
    expect(names.sort()).toEqual(insightsFunctions.map(({ name }) => name).sort());
  });

  it.each(documentedFunctions)('%s is found', (name) => {
    const known = insightsFunctions.flatMap((each) => [each.name, ...each.spellings]);
    expect(known).toContain(name);
  });
});

function functionTable(): string {
  const rows = insightsFunctions.map((each) => {
    const others = each.spellings.map((spelling) => `\`${spelling}\``).join(', ');
    return `| \`${signatureOf(each)}\` | ${others} | ${each.meaning} |\n`;
  });
  return `| function | also | what it gives |\n|---|---|---|\n${rows.join('')}`;
}
