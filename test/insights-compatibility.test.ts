import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { insightsCommands } from '../src/query/index.ts';

const docs = path.resolve(import.meta.dirname, '../docs');
const textOf = (page: string): string => readFileSync(path.join(docs, page), 'utf8');

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
