import type { Outside } from './delivered.ts';
import { type Fault, faults } from './fault-proxy.ts';

/** So long something goes wrong. */
export interface Step {
  readonly faults: Readonly<Partial<Record<Outside, Fault>>>;
  /** Of requests that are hit; where all are, the flow logs must say so. */
  readonly share: number;
  readonly ms: number;
  /** The process is killed after so long. */
  readonly killedAtMs?: number;
  readonly isDiskFull?: true;
}

/** What a seed comes to. */
export interface Schedule {
  readonly seed: number;
  /** What has a size of its own. */
  readonly limitedDisk: 'none' | 'spool' | 'all';
  readonly spoolBytes: number;
  readonly mostFlows: number;
  readonly paceMs: number;
  readonly steps: readonly Step[];
}

export const kinds: readonly Outside[] = ['bucket', 'group', 'stream'];

/** Numbers from 0 to 1, the same for a seed: mulberry32. */
export function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function scheduleOf(seed: number, canLimitDisks: boolean): Schedule {
  const random = randomOf(seed);
  const among = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
  const between = (least: number, most: number): number => Math.round(least + random() * (most - least));
  const disk = among(['none', 'none', 'spool', 'all'] as const);
  const limitedDisk = canLimitDisks ? disk : 'none';
  const isSmall = random() < 0.4;
  const steps = Array.from({ length: 4 }, (_, i): Step => {
    // Each fault has its turn over the seeds, and goes together with others.
    const first = faults[(seed * 4 + i) % faults.length];
    const order = [...kinds].sort(() => random() - 0.5);
    const chosen = { [order[0]]: first, ...(random() < 0.6 && { [order[1]]: among(faults) }) };
    const ms = between(300, 900);
    const isKilled = random() < 0.5;
    const isFull = limitedDisk !== 'none' && random() < 0.6;
    return {
      faults: chosen,
      share: random() < 0.6 ? 1 : 0.2 + random() * 0.6,
      ms,
      ...(isKilled && { killedAtMs: between(0, ms) }),
      ...(isFull && { isDiskFull: true }),
    };
  });
  return {
    seed,
    limitedDisk,
    spoolBytes: isSmall ? 192 * 1024 : 16 * 2 ** 20,
    mostFlows: isSmall ? 150 : between(5, 200),
    paceMs: between(20, 60),
    steps,
  };
}
