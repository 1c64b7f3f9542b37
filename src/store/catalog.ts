import { type Cut, covers, type Extent, touches } from './cuts.ts';
import type { Generation } from './generation.ts';
import type { Manifest } from './manifest.ts';
import { Pins } from './pins.ts';
import type { Segment } from './segment.ts';
import { StreamTotals } from './stream-totals.ts';

/** Where the rows are at this moment. */
export class Catalog {
  readonly pins = new Pins();
  /** The last one takes rows; the others wait to become segments, the oldest first. */
  readonly generations: Generation[] = [];
  /** Of rows in segments. */
  readonly totals: StreamTotals;
  readonly #segments = new Map<number, Segment[]>();
  #cuts: readonly Cut[];

  constructor({ segments, cuts, totals }: Manifest) {
    this.totals = StreamTotals.of(totals);
    this.#cuts = cuts;
    for (const segment of segments) this.#add(segment);
  }

  get cuts(): readonly Cut[] {
    return this.#cuts;
  }

  *segments(): Generator<Segment> {
    for (const segments of this.#segments.values()) yield* segments;
  }

  segmentsOf(group: number): readonly Segment[] {
    return this.#segments.get(group) ?? [];
  }

  /** Rows are gone for who looks from now on. No later ones are there yet. */
  drop(cut: Cut): void {
    for (const generation of this.generations) generation.drop(cut);
    if (cut.beforeMs === undefined) this.totals.drop(cut.group, cut.stream);
    // The commit may be one that is read once more.
    if (!this.#cuts.some((known) => isSame(known, cut))) this.#cuts = [...this.#cuts, cut];
  }

  cutsOf(extent: Extent): readonly Cut[] {
    return this.#cuts.filter((cut) => touches(cut, extent));
  }

  /** Whether cuts leave nothing of it. */
  isGone(segment: Segment): boolean {
    return this.#cuts.some((cut) => covers(cut, segment));
  }

  replace(gone: readonly Segment[], come: readonly Segment[]): void {
    for (const segment of gone) {
      const left = this.segmentsOf(segment.group).filter((other) => other !== segment);
      if (left.length > 0) this.#segments.set(segment.group, left);
      else this.#segments.delete(segment.group);
    }
    for (const segment of come) this.#add(segment);
  }

  /** Forgets cuts that nothing is left to take from. */
  forgetCuts(): void {
    this.#cuts = this.#cuts.filter(
      (cut) =>
        this.generations.some((generation) => generation.firstId < cut.belowId) ||
        this.segmentsOf(cut.group).some((segment) => touches(cut, segment)),
    );
  }

  /**
   * Numbers of commits that were lost are given again: what tells of them must not be taken for what comes. A cut is
   * made once more where it may have been made. False when nothing told of them.
   */
  forgetBehind(sequence: number): boolean {
    const segments = [...this.segments()];
    const isKnown = [...this.#cuts, ...segments.map(({ cutsApplied }) => ({ sequence: cutsApplied }))].some(
      (known) => known.sequence > sequence,
    );
    if (!isKnown) return false;
    this.#cuts = this.#cuts.map((cut) => ({ ...cut, sequence: Math.min(cut.sequence, sequence) }));
    const before = ({ cutsApplied }: Segment) => Math.min(cutsApplied, sequence - 1);
    this.replace(
      segments,
      segments.map((segment) => ({ ...segment, cutsApplied: before(segment) })),
    );
    return true;
  }

  #add(segment: Segment): void {
    const known = this.#segments.get(segment.group);
    if (known) known.push(segment);
    else this.#segments.set(segment.group, [segment]);
  }
}

function isSame(one: Cut, other: Cut): boolean {
  return (
    one.sequence === other.sequence &&
    one.group === other.group &&
    one.stream === other.stream &&
    one.beforeMs === other.beforeMs
  );
}
