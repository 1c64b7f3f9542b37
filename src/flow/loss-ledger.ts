import { type FlowRows, float64, rowFloat64s, rowWords, word } from './flow-row.ts';

/** Why flows never came out of the capture thread. */
type CaptureLossReason = 'kernel-dropped' | 'delivery-behind';
/**
 * Why flows are missing from the records of a window. `spool-full`: there was no room on the disk, or they waited too
 * long; `spool-failed`: the disk did not keep them; `crashed`: Headgate was ended in the middle of the window.
 */
export type LossReason = CaptureLossReason | 'spool-full' | 'spool-failed' | 'crashed';

/** What one network interface lost in one window: what a SKIPDATA record stands for. */
export interface Loss {
  readonly interfaceIndex: number;
  readonly window: number;
  readonly reason: LossReason;
  /** Flows that were in the table and could not be kept; 0 where packets never came that far. */
  readonly flows: number;
  readonly packets: number;
  /** How much it was is not known: `flows` and `packets` are 0. */
  readonly isUnknown?: true;
  /** An unknown loss was no more than this: what the device has counted in the meantime. */
  readonly atMostPackets?: number;
}

/** Windows are 32-bit numbers. */
const windows = 2 ** 32;

/** The losses of a capture since they were last taken; one entry for each interface, window and reason. */
export class LossLedger {
  readonly #losses: Record<CaptureLossReason, Map<number, { flows: number; packets: number }>> = {
    'kernel-dropped': new Map(),
    'delivery-behind': new Map(),
  };

  note({ interfaceIndex, window, reason, flows, packets }: Loss & { reason: CaptureLossReason }): void {
    const key = interfaceIndex * windows + window;
    const known = this.#losses[reason].get(key);
    if (known) {
      known.flows += flows;
      known.packets += packets;
    } else this.#losses[reason].set(key, { flows, packets });
  }

  /** Rows that could not be handed over. Gives the packets in them. */
  noteRows(rows: FlowRows): number {
    let packets = 0;
    for (let i = 0; i < rows.count; i++) {
      const rowPackets = rows.floats[i * rowFloat64s + float64.packets];
      packets += rowPackets;
      this.note({
        interfaceIndex: rows.words[i * rowWords + word.interface],
        window: rows.words[i * rowWords + word.window],
        reason: 'delivery-behind',
        flows: 1,
        packets: rowPackets,
      });
    }
    return packets;
  }

  take(): Loss[] {
    const taken: Loss[] = [];
    for (const reason of ['delivery-behind', 'kernel-dropped'] as const) {
      for (const [key, counts] of this.#losses[reason]) {
        taken.push({ interfaceIndex: Math.floor(key / windows), window: key % windows, reason, ...counts });
      }
      this.#losses[reason].clear();
    }
    return taken;
  }
}
