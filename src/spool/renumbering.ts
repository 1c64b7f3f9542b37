/** Hot: `rows` runs once per row where numbers have changed; a look at the last number, else one in a Map. */
import { type FlowRows, type Loss, rowWords, word } from '../flow/index.ts';
import type { CoveredWindow } from '../flowlog/index.ts';
import type { WrittenNames } from './segment-names.ts';
import type { SpooledNames } from './spooled-names.ts';

/** From the numbers in a segment to those of this run. */
export class Renumbering {
  /** Those that change, of a segment of this run; all that there are, of an earlier one. */
  readonly #interfaces: ReadonlyMap<number, number>;
  readonly #causes: ReadonlyMap<number, number> | undefined;

  private constructor(interfaces: ReadonlyMap<number, number>, causes?: ReadonlyMap<number, number>) {
    this.#interfaces = interfaces;
    this.#causes = causes;
  }

  /** Of this run: an interface may have got another number when it was met in an earlier run's segment. */
  static ofThisRun(names: SpooledNames, used: Iterable<number>): Renumbering {
    const changed = new Map<number, number>();
    for (const index of used) {
      const number = names.formerInterface(names.interfaceOf(index));
      if (number !== index) changed.set(index, number);
    }
    return new Renumbering(changed);
  }

  static ofEarlierRun(names: SpooledNames, written: readonly WrittenNames[]): Renumbering {
    const interfaces = new Map<number, number>();
    const causes = new Map<number, number>();
    for (const frame of written) {
      for (const [index, described] of frame.interfaces) {
        interfaces.set(index, names.formerInterface(described));
      }
      for (const [index, text] of frame.causes) causes.set(index, names.formerCause(text));
    }
    return new Renumbering(interfaces, causes);
  }

  /** In place. Rows whose names are lost with a damaged frame are left out. */
  rows(rows: FlowRows): FlowRows {
    const causes = this.#causes;
    if (!causes && this.#interfaces.size === 0) return rows;
    const { words } = rows;
    let kept = 0;
    let lastFrom = -1;
    let lastTo: number | undefined;
    for (let i = 0; i < rows.count; i++) {
      const base = i * rowWords;
      const from = words[base + word.interface];
      if (from !== lastFrom) {
        lastFrom = from;
        lastTo = this.#interface(from);
      }
      const cause = causes ? causes.get(words[base + word.cause]) : words[base + word.cause];
      if (lastTo === undefined || cause === undefined) continue;
      words[base + word.interface] = lastTo;
      words[base + word.cause] = cause;
      if (kept !== i) words.copyWithin(kept * rowWords, base, base + rowWords);
      kept++;
    }
    return kept === rows.count ? rows : { ...rows, count: kept };
  }

  losses(losses: readonly Loss[]): Loss[] {
    return losses.flatMap((loss) => {
      const interfaceIndex = this.#interface(loss.interfaceIndex);
      return interfaceIndex === undefined ? [] : [{ ...loss, interfaceIndex }];
    });
  }

  windows(windows: readonly CoveredWindow[]): CoveredWindow[] {
    return windows.map(({ window, covered }) => ({
      window,
      covered: covered.flatMap((index) => this.#interface(index) ?? []),
    }));
  }

  #interface(index: number): number | undefined {
    return this.#interfaces.get(index) ?? (this.#causes ? undefined : index);
  }
}
