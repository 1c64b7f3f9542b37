import { closeSync, existsSync, openSync, readSync, renameSync, writeSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { linePieces } from '../src/record/index.ts';
import { type FlowFile, readFlows } from './flow-file.ts';
import { flowRecords } from './flow-records.ts';
import { shownPath, workPath } from './work-folder.ts';

/** The records as lines without a header, in the order in which they were made; made once. */
export function ensureText(flows: FlowFile): string {
  const file = workPath(`flows-${flows.spec.records}.log`);
  if (existsSync(file)) return file;
  process.stderr.write(`making ${shownPath(file)}\n`);
  const output = openSync(`${file}.part`, 'w');
  try {
    for (const window of readFlows(flows)) {
      for (const { bytes } of linePieces(flowRecords(flows, window))) writeSync(output, bytes);
    }
  } finally {
    closeSync(output);
  }
  renameSync(`${file}.part`, file);
  return file;
}

/** Lines of a text file in lists of so many, the last one shorter. */
export function* lineBatches(file: string, linesPerBatch: number): Generator<string[], void, undefined> {
  const input = openSync(file, 'r');
  try {
    let batch: string[] = [];
    for (const line of lines(input)) {
      batch.push(line);
      if (batch.length < linesPerBatch) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  } finally {
    closeSync(input);
  }
}

function* lines(input: number): Generator<string, void, undefined> {
  const buffer = new Uint8Array(1 << 20);
  const decoder = new StringDecoder('latin1');
  let rest = '';
  for (;;) {
    const count = readSync(input, buffer, 0, buffer.length, null);
    if (count === 0) break;
    const parts = (rest + decoder.write(Buffer.from(buffer.buffer, 0, count))).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
  if (rest !== '') yield rest;
}

/** The `start` of a line of the default format, its fourth field from the end, in milliseconds. */
export function startMsOf(line: string): number {
  let at = line.length;
  for (let i = 0; i < 3; i++) at = line.lastIndexOf(' ', at - 1);
  return Number(line.slice(line.lastIndexOf(' ', at - 1) + 1, at)) * 1000;
}
