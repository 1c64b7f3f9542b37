import {
  type FlowRows,
  float64,
  flowRows,
  packKind,
  packOutcome,
  rowBytes,
  rowFloat64s,
  rowWords,
  word,
} from '../src/flow/index.ts';
import { parseAddress } from '../src/ip/index.ts';
import { direction, initiator } from '../src/policy/answer.ts';
import { actionTexts } from './flow-columns.ts';
import type { FlowFile } from './flow-file.ts';
import type { MixWindow } from './flow-mix.ts';
import { flowPlaces } from './flow-places.ts';
import { Random } from './random.ts';

const noData = actionTexts.indexOf('-');
const accept = actionTexts.indexOf('ACCEPT');

/** Records of a mix as the flows that they are records of. */
export class MixRows {
  /** Of the network interfaces, in the order of their numbers. */
  readonly interfaces: readonly { readonly id: string; readonly addresses: readonly string[] }[];
  /** Four words each. */
  readonly #addresses: Int32Array;
  readonly #families: Uint8Array;
  readonly #ownAddresses: readonly ReadonlySet<number>[];

  constructor({ spec, addresses }: FlowFile) {
    const { interfaces } = flowPlaces(new Random(spec.seed));
    this.interfaces = interfaces.map(({ id, ipv4, ipv6 }) => ({
      id,
      addresses: [addresses[ipv4], addresses[ipv6]],
    }));
    this.#ownAddresses = interfaces.map(({ ipv4, ipv6 }) => new Set([ipv4, ipv6]));
    this.#addresses = new Int32Array(addresses.length * 4);
    this.#families = new Uint8Array(addresses.length);
    for (const [number, text] of addresses.entries()) {
      const address = parseAddress(text);
      if (!address) throw new Error(`${text} is no address`);
      this.#addresses.set(address.words, number * 4);
      this.#families[number] = address.family;
    }
  }

  /** In pieces as the capture thread hands them over, `shiftSeconds` later than in the mix; NODATA is no flow. */
  *pieces(window: MixWindow, shiftSeconds: number, mostRows = 65_536): Generator<FlowRows, void, undefined> {
    const { columns, length } = window;
    for (let from = 0; from < length; ) {
      const rows = flowRows(new ArrayBuffer(mostRows * rowBytes), mostRows);
      let count = 0;
      for (; from < length && count < mostRows; from++) {
        if (columns.action[from] !== noData) this.#write(rows, count++, window, from, shiftSeconds);
      }
      yield { ...rows, count };
    }
  }

  #write(
    { words, floats }: FlowRows,
    row: number,
    window: MixWindow,
    from: number,
    shiftSeconds: number,
  ): void {
    const { columns, startSeconds } = window;
    const base = row * rowWords;
    const source = columns.source[from];
    const destination = columns.destination[from];
    for (let i = 0; i < 4; i++) {
      words[base + word.src + i] = this.#addresses[source * 4 + i];
      words[base + word.dst + i] = this.#addresses[destination * 4 + i];
    }
    const interfaceNumber = columns.interfaceNumber[from];
    const isEgress = this.#ownAddresses[interfaceNumber].has(source);
    const way = isEgress ? direction.egress : direction.ingress;
    words[base + word.ports] = (columns.sourcePort[from] << 16) | columns.destinationPort[from];
    words[base + word.interface] = interfaceNumber;
    words[base + word.kind] = packKind(columns.protocol[from], this.#families[source], way, 0, 0);
    words[base + word.window] = (startSeconds + shiftSeconds) / 60;
    words[base + word.connection] = -1;
    words[base + word.outcome] = packOutcome(columns.action[from] === accept, initiator.peer) | 2;
    const float = row * rowFloat64s;
    floats[float + float64.packets] = columns.packets[from];
    floats[float + float64.bytes] = columns.bytes[from];
    floats[float + float64.firstMs] = (columns.start[from] + shiftSeconds) * 1000;
    floats[float + float64.lastMs] = (columns.end[from] + shiftSeconds) * 1000;
  }
}
