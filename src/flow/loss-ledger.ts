import { type FlowRows, float64, rowFloat64s, rowWords, word } from './flow-row.ts';

/** Why flows are missing from the records of a window. */
export type LossReason = 'kernel-dropped' | 'delivery-behind';

/** What one network interface lost in one window: what a SKIPDATA record stands for. */
export interface Loss {
  readonly interfaceIndex: number;
  readonly window: number;
  readonly reason: LossReason;
  /** Flows that were in the table and could not be kept; 0 where packets never came that far. */
  readonly flows: number;
  readonly packets: number;
}

/** The losses of a capture since they were last taken; one entry for each interface, window and reason. */
export class LossLedger {
  readonly #losses = new Map<string, Loss>();

  note(loss: Loss): void {
    const key = `${loss.interfaceIndex} ${loss.window} ${loss.reason}`;
    const known = this.#losses.get(key);
    this.#losses.set(
      key,
      known ? { ...known, flows: known.flows + loss.flows, packets: known.packets + loss.packets } : loss,
    );
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
    const losses = [...this.#losses.values()];
    this.#losses.clear();
    return losses;
  }
}
