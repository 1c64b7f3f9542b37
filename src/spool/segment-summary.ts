import type { SegmentEnd } from './segment-end.ts';
import {
  encodeFrameHeader,
  encodeHead,
  encodeJson,
  encodeTail,
  type Footer,
  frameKind,
} from './segment-frames.ts';
import { encodeNames } from './segment-names.ts';

/** The file of a segment without rows: what it has lost, and the windows that it closed. */
export async function encodeSummary(number: number, end: SegmentEnd): Promise<Buffer> {
  const parts: Buffer[] = [encodeHead(number)];
  let at = parts[0].length;
  const add = (kind: (typeof frameKind)[keyof typeof frameKind], payload: Buffer): number => {
    const began = at;
    const header = encodeFrameHeader(number, kind, payload);
    parts.push(header, payload);
    at += header.length + payload.length;
    return began;
  };
  const namesAt: number[] = [];
  for (const { interfaces } of end.names) {
    if (interfaces.length > 0)
      namesAt.push(add(frameKind.names, await encodeNames({ interfaces, causes: [] })));
  }
  const tallyAt = add(frameKind.tally, end.tally.encode());
  const footer: Footer = { ...end.footer, rows: 0, isDropped: true, namesAt, tallyAt };
  const footerAt = add(frameKind.footer, encodeJson(footer));
  parts.push(encodeTail(footerAt));
  return Buffer.concat(parts);
}
