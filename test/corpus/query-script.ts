/** Reads the query scripts; `query/README.md` says how they are written. */

export interface Script {
  readonly name: string;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly loads: readonly Load[];
  readonly cases: readonly QueryCase[];
}

export type Load = GroupLoad | LookupLoad;

export interface GroupLoad {
  readonly kind: 'group';
  readonly name: string;
  readonly stream: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Field names as in a header line, or `default`; absent for events of any text. */
  readonly format?: string;
  /** `timestamp` is 0 for records, whose time is in them. */
  readonly events: readonly { readonly timestamp: number; readonly message: string }[];
}

export interface LookupLoad {
  readonly kind: 'lookup';
  readonly name: string;
  readonly csv: string;
}

export interface QueryCase {
  readonly title: string;
  /** Of the script, from 1. */
  readonly line: number;
  readonly text: string;
  readonly groups: readonly string[];
  readonly startMs: number;
  readonly endMs: number;
  readonly limit?: number;
  readonly expected: ExpectedRows | ExpectedError;
  readonly matched?: { readonly matched: number; readonly scanned: number };
}

/** A cell that may be anything that is there. */
export const anything = Symbol('anything');
export type ExpectedCell = string | null | typeof anything;

export interface ExpectedRows {
  readonly kind: 'rows';
  /** Absent for `no rows`. */
  readonly columns?: readonly string[];
  readonly rows: readonly (readonly ExpectedCell[])[];
  readonly inAnyOrder: boolean;
}

export interface ExpectedError {
  readonly kind: 'error';
  /** Offsets into the text of the query. */
  readonly start: number;
  readonly end: number;
  /** Part of the sentence; may be empty. */
  readonly words: string;
}

interface Block {
  readonly head: string;
  readonly line: number;
  /** Without their indentation. */
  readonly body: readonly string[];
}

const firstMoment = Date.UTC(2026, 0, 1);
const always = { startMs: 0, endMs: Date.UTC(2100, 0, 1) };

export function readScript(name: string, source: string): Script {
  const loads: Load[] = [];
  const cases: QueryCase[] = [];
  let now = firstMoment + 12 * 3_600_000;
  const blocks = blocksOf(name, source);
  for (let i = 0; i < blocks.length; i++) {
    const block = blocks[i];
    const [word] = block.head.split(' ');
    if (word === 'now') now = timeOf(block.head.slice(4));
    else if (word === 'group') loads.push(groupLoad(block));
    else if (word === 'lookup')
      loads.push({ kind: 'lookup', name: block.head.slice(7), csv: block.body.join('\n') });
    else if (word === 'values') cases.push(...valueCases(block, nearestGroup(loads, block)));
    else if (word === 'query') {
      const rest = blocks.slice(i + 1);
      const end = rest.findIndex(({ head }) => !belongsToQuery.test(head));
      const parts = end < 0 ? rest : rest.slice(0, end);
      cases.push(queryCase(block, parts, nearestGroup(loads, block)));
      i += parts.length;
    } else throw fault(block, `no block begins with ${word}`);
  }
  return { name, now, loads, cases };
}

const belongsToQuery = /^(?:over|range|at most|rows|no rows|matched|error)\b/;

function blocksOf(name: string, source: string): Block[] {
  const blocks: { head: string; line: number; body: string[] }[] = [];
  for (const [index, line] of source.split('\n').entries()) {
    if (line.startsWith('#') || line.trim() === '') continue;
    if (!line.startsWith('  ')) blocks.push({ head: line.trimEnd(), line: index + 1, body: [] });
    else if (blocks.length === 0) throw new Error(`${name}:${index + 1}: a line of no block`);
    else blocks[blocks.length - 1].body.push(line.slice(2));
  }
  return blocks;
}

function fault({ line, head }: Block, what: string): Error {
  return new Error(`line ${line}, "${head}": ${what}`);
}

function nearestGroup(loads: readonly Load[], block: Block): string {
  const group = loads.findLast(({ kind }) => kind === 'group');
  if (!group) throw fault(block, 'there is no group above');
  return group.name;
}

function groupLoad(block: Block): GroupLoad {
  const [, name, options, format] = /^group (\S+)(.*?)(?: format (.+))?$/.exec(block.head) ?? [];
  const stream = /\bstream (\S+)/.exec(options)?.[1] ?? 'stream';
  const tags = /\btags (.+)/.exec(options)?.[1].split(' ') ?? [];
  const times = timesOf(block, options);
  return {
    kind: 'group',
    name,
    stream,
    tags: Object.fromEntries(tags.map((tag) => tag.split('='))),
    ...(format !== undefined && { format }),
    events:
      format === undefined ? block.body.map(times) : block.body.map((message) => ({ timestamp: 0, message })),
  };
}

function timesOf(block: Block, options: string) {
  if (/\btimed\b/.test(options)) {
    return (line: string) => {
      const space = line.indexOf(' ');
      return { timestamp: timeOf(line.slice(0, space)), message: line.slice(space + 1) };
    };
  }
  const start = /\bfrom (\S+)/.exec(options)?.[1];
  const step = stepOf(block, /\bevery (\S+)/.exec(options)?.[1] ?? '1s');
  const first = start === undefined ? firstMoment : timeOf(start);
  return (line: string, index: number) => ({ timestamp: first + index * step, message: line });
}

function stepOf(block: Block, text: string): number {
  const [, count, unit] = /^(\d+)(ms|s|m|h|d)$/.exec(text) ?? [];
  const milliseconds = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit];
  if (milliseconds === undefined) throw fault(block, `no step is written ${text}`);
  return Number(count) * milliseconds;
}

/** `2026-01-01 00:00:00` or `2026-01-01T00:00:00.000Z`, UTC. */
function timeOf(text: string): number {
  const time = Date.parse(text.endsWith('Z') ? text : `${text.replace(' ', 'T')}Z`);
  if (Number.isNaN(time)) throw new Error(`no time is written ${text}`);
  return time;
}

function valueCases(block: Block, group: string): QueryCase[] {
  return block.body.map((line) => {
    const [, expression, value] = /^(.*?) =>(.*)$/.exec(line) ?? [];
    if (expression === undefined) throw fault(block, `"${line}" has no =>`);
    return {
      title: expression,
      line: block.line,
      text: `fields ${expression} as value`,
      groups: [group],
      ...always,
      expected: { kind: 'rows', columns: ['value'], rows: [[cellOf(value.trim())]], inAnyOrder: false },
    };
  });
}

function queryCase(block: Block, parts: readonly Block[], group: string): QueryCase {
  const find = (pattern: RegExp) => parts.find(({ head }) => pattern.test(head));
  const range = /^range (.+) to (.+)$/.exec(find(/^range/)?.head ?? '');
  const matched = /^matched (\d+) of (\d+)$/.exec(find(/^matched/)?.head ?? '');
  const limit = find(/^at most/)?.head.slice(8);
  const end = range ? timeOf(range[2]) : always.endMs;
  const answer = find(/^(?:rows|no rows|error)/);
  if (!answer) throw fault(block, 'it has neither rows nor an error');
  return {
    title: block.head.slice(6),
    line: block.line,
    text: block.body.join('\n'),
    groups: find(/^over/)?.head.slice(5).split(', ') ?? [group],
    startMs: range ? timeOf(range[1]) : always.startMs,
    // Whole seconds are asked for, and the last one belongs to the range.
    endMs: end % 1000 === 0 ? end + 999 : end,
    ...(limit !== undefined && { limit: Number(limit) }),
    expected: answer.head.startsWith('error') ? expectedError(block, answer) : expectedRows(answer),
    ...(matched && { matched: { matched: Number(matched[1]), scanned: Number(matched[2]) } }),
  };
}

function expectedRows(block: Block): ExpectedRows {
  if (block.head === 'no rows') return { kind: 'rows', rows: [], inAnyOrder: false };
  const [head, ...lines] = block.body;
  const columns = cellsOf(head).map((name) => (typeof name === 'string' ? name : '*'));
  const rows = lines.map((line) => {
    const cells = cellsOf(line);
    if (cells.length === columns.length + 1 && cells.at(-1) === null) cells.pop();
    if (cells.length !== columns.length) throw fault(block, `"${line}" has ${cells.length} cells`);
    return cells;
  });
  return { kind: 'rows', columns, rows, inAnyOrder: block.head === 'rows in any order' };
}

/** Bars between cells, those inside of JSON texts aside. */
function cellsOf(line: string): ExpectedCell[] {
  const padded = ` ${line.trim()} `;
  const cells: string[] = [''];
  for (let at = 0; at < padded.length; at++) {
    const json =
      cells[cells.length - 1].trim() === '' ? /^"(?:[^"\\]|\\.)*"(?= )/.exec(padded.slice(at)) : null;
    if (json) {
      cells[cells.length - 1] += json[0];
      at += json[0].length - 1;
    } else if (padded.slice(at, at + 3) === ' | ' || padded.slice(at) === '| ') {
      cells.push('');
      at++;
    } else cells[cells.length - 1] += padded[at];
  }
  return cells.map((cell) => cellOf(cell.trim()));
}

function cellOf(text: string): ExpectedCell {
  if (text === '') return null;
  if (text === '*') return anything;
  return /^".*"$/.test(text) ? (JSON.parse(text) as string) : text;
}

function expectedError(query: Block, block: Block): ExpectedError {
  const [, blanks, carets, words] = /^( *)(\^+) ?(.*)$/.exec(block.body[0] ?? '') ?? [];
  if (carets === undefined) throw fault(block, 'it has no carets');
  const lineNumber = Number(/^error on line (\d+)$/.exec(block.head)?.[1] ?? 1);
  const before = query.body.slice(0, lineNumber - 1).reduce((sum, line) => sum + line.length + 1, 0);
  const start = before + blanks.length;
  const length = query.body.join('\n').length;
  return { kind: 'error', start, end: Math.min(start + carets.length, length), words };
}
