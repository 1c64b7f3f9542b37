import type { Loss } from '../flow/index.ts';
import type { CoveredWindow } from '../flowlog/index.ts';
import type { Survey } from './segment-file.ts';

/** A segment next to a damaged one. */
export interface Beside {
  readonly isBefore: boolean;
  readonly before: number;
  readonly windows: readonly CoveredWindow[];
}

/** Nobody closes more windows at once but after a long sleep. */
const maxWindows = 16;

/**
 * Losses of a segment that does not tell any more whom it was about: of all that was watched in the segments beside it,
 * in the windows of its rows, or in those that lie between the two. `known` are not told again.
 */
export function unknownLosses(
  survey: Pick<Survey, 'tally'>,
  known: readonly Loss[],
  besides: readonly Beside[],
): Loss[] {
  const told = new Set(known.map(({ interfaceIndex, window }) => `${interfaceIndex} ${window}`));
  const windows = new Set(survey.tally.losses('spool-failed').map(({ window }) => window));
  const watched = new Set(besides.flatMap((beside) => beside.windows.flatMap(({ covered }) => covered)));
  const losses: Loss[] = [];
  for (const window of windows.size > 0 ? windows : windowsBetween(besides)) {
    for (const interfaceIndex of watched) {
      if (told.has(`${interfaceIndex} ${window}`)) continue;
      losses.push({ interfaceIndex, window, reason: 'spool-failed', flows: 0, packets: 0, isUnknown: true });
    }
  }
  return losses;
}

/** From what the one before left open to what the one after closed; one window where only one of them tells. */
function windowsBetween(besides: readonly Beside[]): number[] {
  const from = besides.find(({ isBefore }) => isBefore)?.before;
  const next = besides.find(({ isBefore }) => !isBefore)?.windows.map(({ window }) => window) ?? [];
  const to = next.length > 0 ? Math.min(...next) : undefined;
  const first = from !== undefined && Number.isFinite(from) ? from : to === undefined ? undefined : to - 1;
  if (first === undefined) return [];
  const count = Math.min(maxWindows, Math.max(1, (to ?? first + 1) - first));
  return Array.from({ length: count }, (_, i) => first + i);
}
