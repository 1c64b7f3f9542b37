import { describe, expect, it } from 'vitest';
import { testRows } from '../../test/flow-rows.ts';
import { LossLedger } from './loss-ledger.ts';

describe('LossLedger', () => {
  it('has one entry for each interface, window and reason', () => {
    const ledger = new LossLedger();
    const skipped = testRows([
      { interfaceIndex: 1, window: 7, packets: 10 },
      { interfaceIndex: 1, window: 7, packets: 5, srcPort: 1 },
      { interfaceIndex: 2, window: 7, packets: 1 },
      { interfaceIndex: 1, window: 8, packets: 2 },
    ]);
    expect(ledger.noteRows(skipped)).toBe(18);
    ledger.note({ interfaceIndex: 1, window: 7, reason: 'kernel-dropped', flows: 0, packets: 100 });
    ledger.note({ interfaceIndex: 1, window: 7, reason: 'kernel-dropped', flows: 0, packets: 11 });
    expect(ledger.take()).toEqual([
      { interfaceIndex: 1, window: 7, reason: 'delivery-behind', flows: 2, packets: 15 },
      { interfaceIndex: 2, window: 7, reason: 'delivery-behind', flows: 1, packets: 1 },
      { interfaceIndex: 1, window: 8, reason: 'delivery-behind', flows: 1, packets: 2 },
      { interfaceIndex: 1, window: 7, reason: 'kernel-dropped', flows: 0, packets: 111 },
    ]);
    expect(ledger.take()).toEqual([]);
  });
});
