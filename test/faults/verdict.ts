import { type Delivered, type FlowLogState, interfaceIds, windowSeconds } from './delivered.ts';
import type { Diary } from './delivery-life.ts';
import type { Recorded } from './recorded.ts';

/** What became of one flow log's records. */
export interface Verdict {
  readonly name: string;
  readonly fed: number;
  readonly found: number;
  readonly missing: number;
  readonly doubled: number;
  readonly skipData: number;
  readonly ambiguous: number;
  /** What must not be; none when all is well. */
  readonly wrong: readonly string[];
}

/** Compares what was fed with what is there. */
export function verdictOf(
  one: Delivered,
  diary: Diary,
  records: readonly Recorded[],
  state: FlowLogState | undefined,
): Verdict {
  const wrong: string[] = [];
  const counts = new Map<number, number>();
  const skipped = new Map<string, number>();
  const noData = new Map<string, number>();
  for (const [interfaceId, start, end, packets, status] of records) {
    if (status === 'OK') {
      noteFlow(packets ?? -1, interfaceId, start, diary, counts, wrong);
      continue;
    }
    const slot = `${interfaceId} ${Math.floor(start / one.interval)}`;
    const all = status === 'SKIPDATA' ? skipped : noData;
    all.set(slot, (all.get(slot) ?? 0) + 1);
    if (start % one.interval !== 0 || end !== start + one.interval - 1)
      wrong.push(`a ${status} record of ${interfaceId} is from ${start} to ${end}`);
  }
  const missing = [...diary.fed].filter(([flow]) => !counts.has(flow));
  const isExact = !one.isOutside || one.kind === 'bucket';
  checkMissing(one, diary, missing, skipped, wrong);
  const doubled = checkDoubled(one, diary, counts, state?.ambiguous ?? 0, isExact, wrong);
  if (isExact) {
    for (const [slot, count] of [...skipped, ...noData])
      if (count > 1) wrong.push(`${count} status records of one kind in ${slot}`);
  }
  const lost = new Set([...diary.losses.keys()].map((key) => slotOf(one, key)));
  for (const slot of skipped.keys())
    if (!lost.has(slot)) wrong.push(`SKIPDATA in ${slot}, of which no loss is known`);
  checkNoData(one, diary, noData, skipped, wrong);
  if (state && state.undelivered > 0) wrong.push(`${state.undelivered} records are refused for good`);
  if (state && state.status !== 'SUCCESS') wrong.push(`in the end it is ${state.status}: ${state.detail}`);
  return {
    name: one.name,
    fed: diary.fed.size,
    found: counts.size,
    missing: missing.length,
    doubled,
    skipData: skipped.size,
    ambiguous: state?.ambiguous ?? 0,
    wrong,
  };
}

const slotOf = ({ interval }: Delivered, key: string): string => {
  const [interfaceId, window] = key.split(' ');
  return `${interfaceId} ${Math.floor((Number(window) * windowSeconds) / interval)}`;
};

function noteFlow(
  flow: number,
  interfaceId: string,
  start: number,
  diary: Diary,
  counts: Map<number, number>,
  wrong: string[],
): void {
  const fed = diary.fed.get(flow);
  counts.set(flow, (counts.get(flow) ?? 0) + 1);
  if (!fed) wrong.push(`flow ${flow} was never fed`);
  else if (
    interfaceIds[fed.interfaceIndex] !== interfaceId ||
    Math.floor(start / windowSeconds) !== fed.window
  )
    wrong.push(`flow ${flow} is at ${interfaceId} at ${start}`);
}

/** Each missing flow is in a SKIPDATA record of its flow log, and in the ledger; no more are missing than it counts. */
function checkMissing(
  one: Delivered,
  diary: Diary,
  missing: readonly (readonly [number, { readonly interfaceIndex: number; readonly window: number }])[],
  skipped: ReadonlyMap<string, number>,
  wrong: string[],
): void {
  const byWindow = new Map<string, number>();
  for (const [, { interfaceIndex, window }] of missing) {
    const key = `${interfaceIds[interfaceIndex]} ${window}`;
    byWindow.set(key, (byWindow.get(key) ?? 0) + 1);
  }
  for (const [key, count] of byWindow) {
    const loss = diary.losses.get(key);
    if (!loss) wrong.push(`${count} flows are missing of ${key}, and no loss tells of it`);
    else if (!loss.isUnknown && loss.flows < count)
      wrong.push(`${count} flows are missing of ${key}, ${loss.flows} are told lost (${[...loss.reasons]})`);
    if (!skipped.has(slotOf(one, key))) wrong.push(`${count} flows are missing of ${key} without SKIPDATA`);
  }
}

/** Flows that are there more than once; batches of them may only be as many as were ambiguous. */
function checkDoubled(
  one: Delivered,
  diary: Diary,
  counts: ReadonlyMap<number, number>,
  ambiguous: number,
  isExact: boolean,
  wrong: string[],
): number {
  let doubled = 0;
  const most = new Map<number, number>();
  for (const [flow, count] of counts) {
    if (count === 1) continue;
    doubled++;
    const batch = Math.floor(((diary.fed.get(flow)?.window ?? 0) * windowSeconds) / one.interval);
    most.set(batch, Math.max(most.get(batch) ?? 0, count - 1));
  }
  const batches = [...most.values()].reduce((sum, count) => sum + count, 0);
  if (isExact && doubled > 0) wrong.push(`${doubled} flows are there more than once`);
  if (!isExact && batches > ambiguous)
    wrong.push(`${batches} batches are there again, and only ${ambiguous} were ambiguous`);
  return doubled;
}

/** Nobody says that there was nothing where something was. */
function checkNoData(
  one: Delivered,
  diary: Diary,
  noData: ReadonlyMap<string, number>,
  skipped: ReadonlyMap<string, number>,
  wrong: string[],
): void {
  const active = new Set(
    [...diary.fed.values()]
      .filter(({ window }) => diary.sealed.has(window))
      .map(({ interfaceIndex, window }) => slotOf(one, `${interfaceIds[interfaceIndex]} ${window}`)),
  );
  for (const slot of noData.keys()) {
    if (active.has(slot)) wrong.push(`NODATA in ${slot}, which had flows`);
    if (skipped.has(slot)) wrong.push(`NODATA and SKIPDATA in ${slot}`);
  }
}
