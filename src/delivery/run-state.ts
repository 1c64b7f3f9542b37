import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { replaceDurably } from '../disk/index.ts';
import type { ObjectFile } from './destination.ts';

/** An object that is rendered and not taken yet; its file is in the flow log's folder. */
export interface PendingObject extends Omit<ObjectFile, 'file'> {
  /** Name in the folder. */
  readonly name: string;
  /** When it was complete. */
  readonly sinceMs: number;
}

/** How far a flow log has come, as it is kept on the disk. */
export interface RunState {
  /** Whose segments are counted. */
  readonly spoolId: string;
  /** The first segment that is not delivered yet, or not whole. */
  readonly segment: number;
  /** The first one that is still needed: what later records are merged with lies from here on. */
  readonly readFrom: number;
  /** `before` of the segment ahead of `readFrom`; absent where it is not known. */
  readonly before?: number;
  /** When the watching began, each time: epoch milliseconds. */
  readonly beganMs: readonly number[];
  /** A batch that may have been sent: those ahead of it are delivered. Only for destinations that do not remember. */
  readonly sent?: { readonly segment: number; readonly piece: number };
  /** What was merged before `segment` is being delivered although its interval may go on: nothing came any more. */
  readonly isFlushing?: true;
  readonly objects: readonly PendingObject[];
  /** The number of the next object. */
  readonly nextBatch: number;
  /** See `DeliverySums`; over all runs of the program. */
  readonly ambiguous: number;
}

/** So many times of beginning are remembered. */
export const maxBegins = 64;
const maxObjects = 1_000_000;

export type KeptState =
  | { readonly kind: 'kept'; readonly state: RunState }
  | { readonly kind: 'absent' }
  | { readonly kind: 'damaged' };

export async function readRunState(file: string): Promise<KeptState> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { kind: 'absent' };
    throw error;
  }
  const state = parse(text);
  return state ? { kind: 'kept', state } : { kind: 'damaged' };
}

export const runStateFile = (folder: string, flowLogId: string): string =>
  path.join(folder, `${flowLogId}.json`);

/** Flow logs of which something is kept, but for the known ones. */
export async function leftoverStates(
  folder: string,
  isKnown: (flowLogId: string) => boolean,
): Promise<{ readonly flowLogId: string; readonly records: number }[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const ids = new Set(names.flatMap((name) => /^fl-[0-9a-zA-Z]+(?=\.|$)/.exec(name) ?? []));
  const left = [...ids].filter((id) => !isKnown(id));
  return Promise.all(
    left.map(async (flowLogId) => {
      const kept = await readRunState(runStateFile(folder, flowLogId));
      const objects = kept.kind === 'kept' ? kept.state.objects : [];
      return { flowLogId, records: objects.reduce((sum, { records }) => sum + records, 0) };
    }),
  );
}

/** The objects go first: without the state nobody knows of them. */
export async function removeState(folder: string, flowLogId: string): Promise<void> {
  await rm(path.join(folder, flowLogId), { recursive: true, force: true });
  await rm(runStateFile(folder, flowLogId), { force: true });
}

export const writeRunState = (file: string, state: RunState): Promise<void> =>
  replaceDurably(file, `${JSON.stringify(state)}\n`);

/** Undefined for what `writeRunState` does not write. */
function parse(text: string): RunState | undefined {
  try {
    const state: unknown = JSON.parse(text);
    return isRunState(state) ? state : undefined;
  } catch {
    return undefined;
  }
}

function isRunState(value: unknown): value is RunState {
  if (!isObject(value)) return false;
  const { spoolId, segment, readFrom, before, beganMs, sent, isFlushing, objects, nextBatch, ambiguous } =
    value;
  return (
    typeof spoolId === 'string' &&
    [segment, readFrom, nextBatch, ambiguous].every(isCount) &&
    Number(readFrom) <= Number(segment) &&
    (before === undefined || typeof before === 'number') &&
    isList(beganMs, maxBegins, (ms) => typeof ms === 'number') &&
    (sent === undefined || (isObject(sent) && isCount(sent.segment) && isCount(sent.piece))) &&
    (isFlushing === undefined || isFlushing === true) &&
    isList(objects, maxObjects, isPendingObject)
  );
}

/** A name leads nowhere else. */
function isPendingObject(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { key, name, sinceMs, bytes, records } = value;
  return (
    typeof key === 'string' &&
    typeof name === 'string' &&
    /^[a-z0-9][a-z0-9.-]*$/.test(name) &&
    typeof sinceMs === 'number' &&
    isCount(bytes) &&
    isCount(records)
  );
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
const isList = (value: unknown, most: number, isItem: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.length <= most && value.every(isItem);
