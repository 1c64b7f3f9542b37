import { invariant } from '../fault/index.ts';
import type { RecordOrigin } from '../stream/shapes.ts';
import type { BatchId } from './destination.ts';

/** Parts of a piece that are told apart. */
const mostParts = 2 ** 20;

/** How what takes records once knows a batch, or a part of one. */
export function originOf({ flowLogId, spoolId, segment, piece }: BatchId, part = 0): RecordOrigin {
  invariant(part < mostParts, `a batch has ${part} parts`);
  return { source: flowLogId, sequence: spoolId, number: [segment, piece * mostParts + part] };
}
