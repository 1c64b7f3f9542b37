import { describe, expect, it } from 'vitest';
import { testRows } from '../../test/flow-rows.ts';
import { IntervalLedger } from './interval-ledger.ts';

const flow = (window: number, interfaceIndex: number) => ({ window, interfaceIndex });
const atEnd = Number.POSITIVE_INFINITY;

describe('IntervalLedger', () => {
  it('gives NODATA to covered interfaces without flows in a window that captured something', () => {
    const ledger = new IntervalLedger(60, 60);
    ledger.noteFlows(testRows([flow(10, 0), flow(10, 2), flow(10, 0)]));
    expect(ledger.close([{ window: 10, covered: [0, 1, 2, 3] }], 11)).toEqual([
      { interfaceIndex: 1, status: 'NODATA', startSeconds: 600, endSeconds: 659 },
      { interfaceIndex: 3, status: 'NODATA', startSeconds: 600, endSeconds: 659 },
    ]);
    expect(ledger.close([], 12)).toEqual([]);
  });

  it('gives none for a window in which nothing was captured', () => {
    const ledger = new IntervalLedger(60, 60);
    ledger.noteFlows(testRows([flow(10, 0)]));
    expect(
      ledger
        .close(
          [
            { window: 10, covered: [0] },
            { window: 12, covered: [0] },
          ],
          atEnd,
        )
        .map(({ startSeconds }) => startSeconds),
    ).toEqual([720]);
  });

  it('has windows of their own below a minute', () => {
    const ledger = new IntervalLedger(10, 10);
    expect(
      ledger.close(
        [
          { window: 6, covered: [0] },
          { window: 7, covered: [0] },
        ],
        atEnd,
      ),
    ).toEqual([
      { interfaceIndex: 0, status: 'NODATA', startSeconds: 60, endSeconds: 69 },
      { interfaceIndex: 0, status: 'NODATA', startSeconds: 70, endSeconds: 79 },
    ]);
  });

  it('waits for the whole interval, and gives one record for it', () => {
    const ledger = new IntervalLedger(60, 600);
    ledger.noteFlows(testRows([flow(13, 0)]));
    expect(
      ledger.close(
        [
          { window: 10, covered: [0, 1] },
          { window: 13, covered: [0, 1] },
        ],
        14,
      ),
    ).toEqual([]);
    expect(ledger.close([{ window: 19, covered: [0, 1] }], 20)).toEqual([
      { interfaceIndex: 1, status: 'NODATA', startSeconds: 600, endSeconds: 1199 },
    ]);
  });

  it('takes an interface that lost flows for one that had some', () => {
    const ledger = new IntervalLedger(60, 600);
    expect(ledger.skip(13, 5)).toEqual({
      interfaceIndex: 5,
      status: 'SKIPDATA',
      startSeconds: 600,
      endSeconds: 1199,
    });
    expect(ledger.skip(14, 5)).toBeUndefined();
    expect(
      ledger.close([{ window: 13, covered: [5, 6] }], atEnd).map(({ interfaceIndex }) => interfaceIndex),
    ).toEqual([6]);
  });

  it('claims nothing where times all over the place left no room', () => {
    const ledger = new IntervalLedger(60, 60);
    ledger.noteFlows(testRows(Array.from({ length: 5000 }, (_, i) => flow(100 + i, 0))));
    expect(ledger.close([{ window: 100, covered: [0, 1] }], 101)).toEqual([]);
    expect(ledger.close([{ window: 5099, covered: [0] }], atEnd)).toEqual([]);
    expect(ledger.close([{ window: 6000, covered: [0] }], atEnd)).toHaveLength(1);
  });

  it('forgets intervals that are over', () => {
    const ledger = new IntervalLedger(60, 60);
    ledger.noteFlows(testRows([flow(10, 0)]));
    ledger.close([{ window: 10, covered: [0] }], 11);
    // A late packet opens the window again; what was there before has been written.
    expect(ledger.close([{ window: 10, covered: [0] }], atEnd)).toHaveLength(1);
  });
});
