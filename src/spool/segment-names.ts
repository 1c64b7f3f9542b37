import { promisify } from 'node:util';
import { deflateRaw, inflateRawSync } from 'node:zlib';
import type { NetworkInterface } from '@aws-sdk/client-ec2';
import { type FlowRows, rowWords, word } from '../flow/index.ts';
import type { SpooledNames } from './spooled-names.ts';

const deflate = promisify(deflateRaw);
/** In one frame. */
const maxNames = 4096;
const maxFrameBytes = 2 ** 29;

/** What numbers in a segment mean: interfaces and causes, by the numbers of the run that wrote it. */
export interface WrittenNames {
  readonly interfaces: readonly (readonly [number, NetworkInterface])[];
  readonly causes: readonly (readonly [number, string])[];
}

export const encodeNames = (names: WrittenNames): Promise<Buffer> =>
  deflate(JSON.stringify(names), { level: 1 });

export const decodeNames = (bytes: Uint8Array): WrittenNames =>
  JSON.parse(inflateRawSync(bytes, { maxOutputLength: maxFrameBytes }).toString());

/** Which names the segment that is being written has, and which it still needs. */
export class SegmentNames {
  readonly #names: SpooledNames;
  readonly #known = new Set<number>();
  #knownCauses = new Uint8Array(256);
  #interfaces: number[] = [];
  #causes: number[] = [];

  /** `written`: what the segment has already. */
  constructor(names: SpooledNames, written: readonly WrittenNames[] = []) {
    this.#names = names;
    for (const { interfaces } of written) for (const [index] of interfaces) this.#known.add(index);
  }

  /** Hot: once per row. */
  needRows({ words, count }: FlowRows): void {
    let last = -1;
    for (let i = 0; i < count; i++) {
      const interfaceIndex = words[i * rowWords + word.interface];
      if (interfaceIndex !== last) this.#needInterface(interfaceIndex);
      last = interfaceIndex;
      const cause = words[i * rowWords + word.cause];
      if (cause >= this.#knownCauses.length || this.#knownCauses[cause] === 0) this.#needCause(cause);
    }
  }

  needInterfaces(indexes: Iterable<number>): void {
    for (const index of indexes) this.#needInterface(index);
  }

  /** What must be written before what needs it: frames of bounded size. */
  pending(): WrittenNames[] {
    const frames: WrittenNames[] = [];
    for (let at = 0; at < this.#interfaces.length || at < this.#causes.length; at += maxNames) {
      frames.push({
        interfaces: this.#interfaces
          .slice(at, at + maxNames)
          .map((index) => [index, this.#names.interfaceOf(index)]),
        causes: this.#causes
          .slice(at, at + maxNames)
          .map((index) => [index, this.#names.causes[index] ?? '']),
      });
    }
    return frames;
  }

  /** They have been written. */
  commit(): void {
    this.#interfaces = [];
    this.#causes = [];
  }

  #needInterface(index: number): void {
    if (this.#known.has(index)) return;
    this.#known.add(index);
    this.#interfaces.push(index);
  }

  #needCause(index: number): void {
    if (index < 0) return;
    if (index >= this.#knownCauses.length) {
      const grown = new Uint8Array(Math.max(index + 1, this.#knownCauses.length * 2));
      grown.set(this.#knownCauses);
      this.#knownCauses = grown;
    }
    this.#knownCauses[index] = 1;
    this.#causes.push(index);
  }
}
