import { storedLine } from '../record/index.ts';
import type { RowBatch } from '../store/index.ts';
import type { LiveTail } from './live-tail.ts';

/** Who is told of new events. Costs nothing for groups that nobody watches. */
export class TailHub {
  readonly #tails = new Set<LiveTail>();

  add(tail: LiveTail): void {
    this.#tails.add(tail);
  }

  remove(tail: LiveTail): void {
    this.#tails.delete(tail);
  }

  get size(): number {
    return this.#tails.size;
  }

  /** To be called when the batches are durable. */
  publish(batches: readonly RowBatch[]): void {
    if (this.#tails.size === 0) return;
    const tails = [...this.#tails];
    for (const batch of batches) {
      let stream = -1;
      let watching: LiveTail[] = [];
      for (let row = 0; row < batch.timestampsMs.length; row++) {
        const next = typeof batch.stream === 'number' ? batch.stream : batch.stream[row];
        if (next !== stream) {
          stream = next;
          watching = tails.filter((tail) => tail.watches(batch.group, next));
        }
        if (watching.length === 0) continue;
        const message = batch.kind === 'text' ? batch.messages[row] : storedLine(batch.columns, row);
        for (const tail of watching) tail.offer(batch, stream, batch.timestampsMs[row], message);
      }
    }
  }

  /** Ends every tail. */
  close(): void {
    for (const tail of [...this.#tails]) tail.end();
  }
}
