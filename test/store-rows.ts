import { formatIpv4 } from '../src/ip/index.ts';
import { defaultLogFormat, parseLogFormat } from '../src/record/index.ts';
import {
  type Change,
  ipv4Code,
  missingCode,
  missingInt32,
  type RecordRows,
  type RowBatch,
  type StoredColumn,
  type TextRows,
} from '../src/store/index.ts';

/** What the tests of the store put into it, and the lines that it has to give back. */

export const hourMs = 3_600_000;
export const baseMs = Date.UTC(2026, 10, 20, 7);

export const formats = [
  defaultLogFormat,
  parseLogFormat(
    '$' +
      [
        '{pkt-srcaddr}',
        '{action}',
        '{bytes}',
        '{tcp-flags}',
        '{decided-by}',
        '{interface-id}',
        '{start}',
      ].join(' $'),
  ),
];

/** Groups 1 to 3 have the streams 10 to 12, 20 to 22, 30 to 32. */
export const names: readonly Change[] = [
  ...formats.map(({ text }, i) => ({ put: 'formats', key: String(i + 1), value: { text } })),
  ...[1, 2, 3].map((group) => ({
    put: 'logGroups',
    key: String(group),
    value: { name: `group-${group}`, accountId: '123456789012' },
  })),
  ...[1, 2, 3].flatMap((group) =>
    [0, 1, 2].map((stream) => ({
      put: 'logStreams',
      key: String(group * 10 + stream),
      value: { group, name: `stream 'of' ${group}/${stream}` },
    })),
  ),
];

/** A small random generator: Mulberry32. */
export function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}

export interface BatchPlan {
  readonly group: number;
  readonly stream: number;
  /** Records of any streams of the group. */
  readonly isMixed?: boolean;
  readonly rows: number;
  /** Of the earliest event; others are up to `spanMs` later. */
  readonly fromMs: number;
  readonly spanMs: number;
  readonly kind: 'records 1' | 'records 2' | 'text of records' | 'text';
}

export function randomBatch(plan: BatchPlan, random: (below: number) => number): RowBatch {
  const { group, stream, rows } = plan;
  const timestampsMs = Float64Array.from({ length: rows }, () => plan.fromMs + random(plan.spanMs + 1));
  const shared = { group, stream, ingestionMs: baseMs + random(5) * 1000, timestampsMs };
  if (plan.kind.startsWith('text')) {
    const messages = Array.from({ length: rows }, () => randomText(random));
    const text: TextRows = { kind: 'text', ...shared, messages };
    return plan.kind === 'text' ? text : { ...text, format: 1 };
  }
  const format = plan.kind === 'records 1' ? 1 : 2;
  const columns = formats[format - 1].fields.map(({ token, type }): StoredColumn => {
    if (token.endsWith('addr')) return addresses(rows, random);
    if (type === 'string') return texts(rows, random, random(2) === 0 ? ['ACCEPT', 'REJECT'] : oddTexts);
    return numbers(type, rows, random);
  });
  const mixed = plan.isMixed
    ? { stream: Int32Array.from({ length: rows }, () => group * 10 + random(3)) }
    : {};
  return { kind: 'records', ...shared, ...mixed, format, columns } satisfies RecordRows;
}

const oddTexts = ['OK', 'é€😀', "it's", '"', '%', 'a'.repeat(300)];

function randomText(random: (below: number) => number): string {
  const texts = ['', ' ', '{"a":1}', 'nul \0 in it', '\n', '2  -', '0012', 'é€😀'.repeat(1 + random(3))];
  return texts[random(texts.length)];
}

function texts(rows: number, random: (below: number) => number, list: readonly string[]): StoredColumn {
  const isWhole = random(2) === 0;
  const codes = Int32Array.from({ length: rows }, () =>
    !isWhole && random(4) === 0 ? missingCode : random(list.length),
  );
  return { type: 'text', codes, texts: list };
}

function addresses(rows: number, random: (below: number) => number): StoredColumn {
  const list = random(3) === 0 ? ['2001:db8::1', '::'] : [];
  const codes = Int32Array.from({ length: rows }, () => {
    const kind = random(4);
    if (list.length > 0 && kind === 0) return random(list.length);
    return list.length > 0 && kind === 1 ? missingCode : ipv4Code;
  });
  const values = Uint32Array.from({ length: rows }, () => random(2) * 0xffff_ff00 + random(256));
  return { type: 'address', values, codes, texts: list };
}

function numbers(type: 'int32' | 'int64', rows: number, random: (below: number) => number): StoredColumn {
  const least = random(3) === 0 ? -1 : 0;
  if (type === 'int32') {
    const most = [1, 200, 60_000, 0x7fff_ffff][random(4)];
    const values = Int32Array.from({ length: rows }, () => (random(6) === 0 ? least : random(most)));
    return { type, values };
  }
  const most = [1, 70_000, 2 ** 33, Number.MAX_SAFE_INTEGER][random(4)];
  const values = Float64Array.from({ length: rows }, () =>
    least < 0 && random(6) === 0 ? Number.NaN : random(most),
  );
  return { type, values };
}

/** The slow and obvious rendering: value after value. */
export function messagesOf(batch: RowBatch): readonly string[] {
  if (batch.kind === 'text') return batch.messages;
  return Array.from(batch.timestampsMs, (_, row) =>
    batch.columns.map((column) => valueText(column, row)).join(' '),
  );
}

function valueText(column: StoredColumn, row: number): string {
  if (column.type === 'int32') return column.values[row] === missingInt32 ? '-' : String(column.values[row]);
  if (column.type === 'int64') return Number.isNaN(column.values[row]) ? '-' : String(column.values[row]);
  const code = column.codes[row];
  if (column.type === 'address' && code === ipv4Code) return formatIpv4(column.values[row]);
  return code === missingCode ? '-' : column.texts[code];
}
