import { ConfigError } from '../../fault/index.ts';

/** Frames longer than this are nobody's: what is imported is handed over some MiB at a time. */
const maxFrameBytes = 64 * 1024 * 1024;

export interface Frame {
  /** One letter. */
  readonly kind: string;
  readonly body: Buffer;
}

/** A frame: its kind, the length of its body in four bytes, the body. */
export function encodeFrame(kind: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(kind, 0, 'latin1');
  head.writeUInt32LE(body.length, 1);
  return Buffer.concat([head, body]);
}

/** @throws ConfigError `ProtocolInvalid` for a frame that is too long, or breaks off */
export async function* decodeFrames(bytes: AsyncIterable<Buffer>): AsyncGenerator<Frame> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let wanted = 5;
  for await (const piece of bytes) {
    held.push(piece);
    heldBytes += piece.length;
    while (heldBytes >= wanted) {
      const all = held.length === 1 ? held[0] : Buffer.concat(held);
      const length = all.readUInt32LE(1);
      if (length > maxFrameBytes) throw new ConfigError('ProtocolInvalid', `a frame of ${length} bytes`);
      wanted = 5 + length;
      held = [all];
      if (heldBytes < wanted) break;
      yield { kind: all.toString('latin1', 0, 1), body: all.subarray(5, wanted) };
      held = [all.subarray(wanted)];
      heldBytes -= wanted;
      wanted = 5;
    }
  }
  if (heldBytes > 0) throw new ConfigError('ProtocolInvalid', 'a frame breaks off');
}
