import { decodeFrame, linkType, outcomeReason, PacketView } from '../src/packet/index.ts';
import { concat } from './frames.ts';

export interface DecodeOptions {
  readonly link?: number;
  /** Bytes that the capture kept; all when absent. */
  readonly captured?: number;
  /** Length on the wire; the frame's own when absent. */
  readonly original?: number;
  readonly segmentBytes?: number;
  /** What the bytes before and behind the captured ones are. */
  readonly outside?: number;
}

export interface Decoded {
  /** As the sums name it. */
  readonly outcome: string;
  readonly view: PacketView;
}

const margin = 64;

/** Decodes a frame that lies between other bytes, with a view of its own. */
export function decoded(frame: Uint8Array, options: DecodeOptions = {}): Decoded {
  const view = new PacketView();
  const captured = options.captured ?? frame.length;
  const other = new Uint8Array(margin).fill(options.outside ?? 0xa5);
  const outcome = decodeFrame(
    view,
    concat(other, frame.subarray(0, captured), other),
    margin,
    captured,
    options.original ?? frame.length,
    options.link ?? linkType.ethernet,
    options.segmentBytes ?? 0,
  );
  return { outcome: outcomeReason[outcome], view };
}
