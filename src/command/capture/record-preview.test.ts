import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FlowRecords, parseHeader, parseLines } from '../../record/index.ts';
import { mostTelling, RecordPreview } from './record-preview.ts';

interface Flow {
  readonly action: 'ACCEPT' | 'REJECT' | '-';
  readonly bytes: number;
}

/** Source ports number the records. */
function records(flows: readonly Flow[], header = 'srcport action bytes'): FlowRecords {
  const lines = flows.map(({ action, bytes }, i) =>
    header
      .split(' ')
      .map((field) => (field === 'action' ? action : field === 'bytes' ? bytes : i))
      .join(' '),
  );
  return {
    ...parseLines(lines.join('\n'), parseHeader(header)),
    interfaceIds: flows.map(() => 'eni-1'),
    endSeconds: new Float64Array(flows.length),
    packets: new Float64Array(flows.length),
    bytes: Float64Array.from(flows, ({ bytes }) => bytes),
  };
}

const accepted = (bytes: number): Flow => ({ action: 'ACCEPT', bytes });
const rejected = (bytes: number): Flow => ({ action: 'REJECT', bytes });

describe('mostTelling', () => {
  it.each([
    { name: 'no records', flows: [], expected: [] },
    { name: 'more bytes first', flows: [accepted(1), accepted(3), accepted(2)], expected: [1, 2, 0] },
    { name: 'REJECT before any ACCEPT', flows: [accepted(9), rejected(1), rejected(2)], expected: [2, 1, 0] },
    { name: 'equals in their order', flows: [accepted(1), accepted(1), accepted(1)], expected: [0, 1, 2] },
    {
      name: 'NODATA, which has no action, after those with bytes',
      flows: [{ action: '-', bytes: 0 }, accepted(1)] as Flow[],
      expected: [1, 0],
    },
  ])('$name', ({ flows, expected }) => {
    expect([...mostTelling(records(flows))]).toEqual(expected);
  });

  it('goes by bytes alone where the format has no action', () => {
    expect([...mostTelling(records([rejected(1), accepted(2)], 'srcport'))]).toEqual([1, 0]);
  });

  it('is the beginning of all records sorted', () => {
    const flow = fc.record({
      action: fc.constantFrom('ACCEPT' as const, 'REJECT' as const),
      bytes: fc.nat(30),
    });
    fc.assert(
      fc.property(fc.array(flow, { maxLength: 60 }), (flows) => {
        const sorted = flows
          .map((one, i) => ({ ...one, i }))
          .sort((a, b) => b.action.localeCompare(a.action) || b.bytes - a.bytes || a.i - b.i)
          .map(({ i }) => i);
        expect([...mostTelling(records(flows))]).toEqual(sorted.slice(0, 20));
      }),
    );
  });
});

function previewText(batches: readonly FlowRecords[]): string | undefined {
  const preview = new RecordPreview();
  for (const batch of batches) preview.add(batch);
  return preview.take('in FILE');
}

describe('RecordPreview', () => {
  it('has nothing to say of no records, and begins anew after each window', () => {
    const preview = new RecordPreview();
    expect(preview.take('in FILE')).toBeUndefined();
    preview.add(records([accepted(1)]));
    expect(preview.take('in FILE')).toBe('0 ACCEPT 1');
    expect(preview.take('in FILE')).toBeUndefined();
  });

  it('has 20 lines of a window, however many batches its records come in', () => {
    const batch = records(Array.from({ length: 15 }, (_, i) => accepted(i)));
    const lines = previewText([batch, batch, records([rejected(0)])])?.split('\n') ?? [];
    expect(lines).toHaveLength(21);
    expect(lines.slice(0, 3)).toEqual(['0 REJECT 0', '14 ACCEPT 14', '14 ACCEPT 14']);
    expect(lines.at(-1)).toBe('… 11 more in FILE');
  });

  it('is all lines of few records, without a line feed at the end', () => {
    expect(previewText([records([accepted(1), rejected(2)])])).toBe('1 REJECT 2\n0 ACCEPT 1');
  });

  it.each([
    { name: '20 lines of 20 records', count: 20, last: '0 ACCEPT 0' },
    { name: '20 lines of 21 records, and that there is one more', count: 21, last: '… 1 more in FILE' },
    { name: '20 lines of many, and how many more', count: 1234, last: '… 1,214 more in FILE' },
  ])('is $name', ({ count, last }) => {
    const flows = Array.from({ length: count }, (_, i) => accepted(i));
    const lines = previewText([records(flows)])?.split('\n') ?? [];
    expect(lines.length).toBe(Math.min(count, 21));
    expect(lines[0]).toBe(`${count - 1} ACCEPT ${count - 1}`);
    expect(lines.at(-1)).toBe(last);
  });
});
