import type { Drop } from '../store/index.ts';
import type { LogGroup } from './catalog.ts';
import { changeGroup, type Engine, knownGroup } from './engine.ts';
import { errors } from './errors.ts';
import type { LogGroupRequest, PutRetentionPolicyRequest } from './shapes.ts';

export const dayMs = 86_400_000;
const hourMs = 3_600_000;
const allowedDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** What is older is not shown from now on, and goes hour by hour; at AWS that may take 72 hours. */
export async function putRetentionPolicy(engine: Engine, request: PutRetentionPolicyRequest): Promise<void> {
  const { logGroupName, retentionInDays } = request;
  if (!allowedDays.includes(retentionInDays)) {
    throw errors.invalidParameter(
      `1 validation error detected: Value '${retentionInDays}' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: [${allowedDays.join(', ')}]`,
    );
  }
  await changeGroup(engine, knownGroup(engine, logGroupName), { retentionInDays });
  await expire(engine);
}

export async function deleteRetentionPolicy(engine: Engine, request: LogGroupRequest): Promise<void> {
  await changeGroup(engine, knownGroup(engine, request.logGroupName), { retentionInDays: undefined });
}

/** The first moment that the group still keeps; undefined when it keeps everything. */
export function keptFromMs(engine: Engine, { retentionInDays }: LogGroup): number | undefined {
  return retentionInDays === undefined ? undefined : engine.clock() - retentionInDays * dayMs;
}

/** Drops the hours that are older than their group keeps: a segment of the store has one hour, and goes as a whole. */
export async function expire(engine: Engine): Promise<void> {
  const drop: Drop[] = [];
  for (const group of engine.catalog.everyGroup()) {
    const keptFrom = keptFromMs(engine, group);
    if (keptFrom === undefined) continue;
    const beforeMs = Math.floor(keptFrom / hourMs) * hourMs;
    if (firstEventMs(engine, group) < beforeMs) drop.push({ group: group.number, beforeMs });
  }
  if (drop.length === 0) return;
  const documents = await engine.subscriptions.losing(drop);
  await engine.catalog.commit({ drop, documents: documents() });
}

function firstEventMs({ catalog, store }: Engine, group: LogGroup): number {
  let first = Number.POSITIVE_INFINITY;
  for (const stream of catalog.streams(group)) {
    const { firstEventMs } = store.streamSummary(group.number, stream.number);
    if (firstEventMs !== undefined && firstEventMs < first) first = firstEventMs;
  }
  return first;
}
