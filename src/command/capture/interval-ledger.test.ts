import { describe, expect, it } from 'vitest';
import { testRows } from '../../../test/flow-rows.ts';
import { IntervalLedger } from './interval-ledger.ts';

const flow = (window: number, interfaceIndex: number) => ({ window, interfaceIndex });
const atEnd = Number.POSITIVE_INFINITY;

describe('IntervalLedger', () => {
  it('gives NODATA to covered interfaces without flows in a window that captured something', () => {
    const ledger = new IntervalLedger(60, 60);
    ledger.noteFlows(testRows([flow(10, 0), flow(10, 2), flow(10, 0)]));
    expect(ledger.close([10], 11, [0, 1, 2, 3])).toEqual([
      { interfaceIndex: 1, status: 'NODATA', startSeconds: 600, endSeconds: 659 },
      { interfaceIndex: 3, status: 'NODATA', startSeconds: 600, endSeconds: 659 },
    ]);
    expect(ledger.close([], 12, [0, 1])).toEqual([]);
  });

  it('gives none for a window in which nothing was captured', () => {
    const ledger = new IntervalLedger(60, 60);
    ledger.noteFlows(testRows([flow(10, 0)]));
    expect(ledger.close([10, 12], atEnd, [0]).map(({ startSeconds }) => startSeconds)).toEqual([720]);
  });

  it('has windows of their own below a minute', () => {
    const ledger = new IntervalLedger(10, 10);
    expect(ledger.close([6, 7], atEnd, [0])).toEqual([
      { interfaceIndex: 0, status: 'NODATA', startSeconds: 60, endSeconds: 69 },
      { interfaceIndex: 0, status: 'NODATA', startSeconds: 70, endSeconds: 79 },
    ]);
  });

  it('waits for the whole interval, and gives one record for it', () => {
    const ledger = new IntervalLedger(60, 600);
    ledger.noteFlows(testRows([flow(13, 0)]));
    expect(ledger.close([10, 13], 14, [0, 1])).toEqual([]);
    expect(ledger.close([19], 20, [0, 1])).toEqual([
      { interfaceIndex: 1, status: 'NODATA', startSeconds: 600, endSeconds: 1199 },
    ]);
  });

  it('takes an interface that lost flows for one that had some', () => {
    const ledger = new IntervalLedger(60, 600);
    expect(ledger.skipped(13, 5)).toEqual({
      interfaceIndex: 5,
      status: 'SKIPDATA',
      startSeconds: 600,
      endSeconds: 1199,
    });
    expect(ledger.close([13], atEnd, [5, 6]).map(({ interfaceIndex }) => interfaceIndex)).toEqual([6]);
  });

  it('forgets intervals that are over', () => {
    const ledger = new IntervalLedger(60, 60);
    ledger.noteFlows(testRows([flow(10, 0)]));
    ledger.close([10], 11, [0]);
    // A late packet opens the window again; what was there before has been written.
    expect(ledger.close([10], atEnd, [0])).toHaveLength(1);
  });
});
