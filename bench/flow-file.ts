import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { columnsIn, type FlowColumns, windowBytes } from './flow-columns.ts';
import { FlowMix, type MixSpec, type MixWindow } from './flow-mix.ts';
import { workPath } from './work-folder.ts';

/** The records of a mix on disk: their typed arrays window by window, and what they refer to in a JSON file. */
export interface FlowFile {
  readonly file: string;
  readonly spec: MixSpec;
  readonly accountId: string;
  readonly interfaces: readonly string[];
  readonly addresses: readonly string[];
  readonly windows: readonly { readonly length: number; readonly startSeconds: number }[];
}

/** Makes the file unless one of the same spec is there. */
export function ensureFlows(spec: MixSpec): FlowFile {
  const file = workPath(`flows-${spec.records}.bin`);
  const summary = `${file}.json`;
  if (existsSync(summary)) {
    const known: FlowFile = JSON.parse(readFileSync(summary, 'utf8'));
    if (JSON.stringify(known.spec) === JSON.stringify(spec)) return known;
  }
  process.stderr.write(`making ${spec.records} flow log records\n`);
  const made = writeFlows(file, spec);
  writeFileSync(summary, JSON.stringify(made));
  return made;
}

function writeFlows(file: string, spec: MixSpec): FlowFile {
  const mix = new FlowMix(spec);
  const windows: { length: number; startSeconds: number }[] = [];
  const output = openSync(`${file}.part`, 'w');
  try {
    for (const window of mix.windows()) {
      writeSync(output, windowAsBytes(window));
      windows.push({ length: window.length, startSeconds: window.startSeconds });
    }
  } finally {
    closeSync(output);
  }
  renameSync(`${file}.part`, file);
  const { accountId, interfaces, addresses } = mix.places;
  return { file, spec, accountId, interfaces: interfaces.map(({ id }) => id), addresses, windows };
}

function windowAsBytes({ length, columns }: MixWindow): Uint8Array {
  const buffer = new ArrayBuffer(windowBytes(length));
  const places = columnsIn(buffer, 0, length);
  for (const name of Object.keys(columns) as (keyof FlowColumns)[]) places[name].set(columns[name]);
  return new Uint8Array(buffer);
}

/** Reads the windows again, each into a buffer of its own. */
export function* readFlows({ file, windows }: FlowFile): Generator<MixWindow, void, undefined> {
  const input = openSync(file, 'r');
  try {
    for (const { length, startSeconds } of windows) {
      const buffer = new ArrayBuffer(windowBytes(length));
      readFully(input, new Uint8Array(buffer), file);
      yield { length, startSeconds, columns: columnsIn(buffer, 0, length) };
    }
  } finally {
    closeSync(input);
  }
}

function readFully(input: number, target: Uint8Array, file: string): void {
  let read = 0;
  while (read < target.length) {
    const count = readSync(input, target, read, target.length - read, null);
    if (count === 0) throw new Error(`${file} ends early: delete it`);
    read += count;
  }
}
