import type { NetworkInterface } from '@aws-sdk/client-ec2';
import type { PacketView } from '../packet/packet-view.ts';
import type { AddressNetwork } from '../vpc/address-network.ts';
import type { AddressTable } from '../vpc/address-table.ts';
import type { MacTable } from '../vpc/mac-table.ts';

/** Answers below 0: nobody's address, or one for which no more interfaces are made up. */
export const stranger = { unknown: -1, tooMany: -2 } as const;

export interface OwnersOptions {
  readonly addresses: AddressTable;
  readonly macs: MacTable;
  /**
   * When interfaces are made up from addresses: the network that makes them, and who registers one, so that
   * `addresses` knows it from then on.
   */
  readonly madeUp?: {
    readonly network: AddressNetwork;
    readonly register: (networkInterface: NetworkInterface) => number;
  };
}

/** 2^13, as the hash below gives; 16 bytes each. A zeroed place holds the unspecified address, which nobody owns. */
const rememberedStrangers = 8192;

/** Stands for the first word of an IPv4 address: nobody's IPv6 address begins with it. */
const ipv4Stranger = -1;

/** Hot: whose packet it is on the wire: by MAC address where the inventory has it, else by IP address. */
export class Owners {
  readonly #addresses: AddressTable;
  readonly #macs: MacTable;
  readonly #madeUp: OwnersOptions['madeUp'];
  /** Addresses that were found to be nobody's, each at one place; peers on the Internet send many packets. */
  readonly #strangers = new Int32Array(rememberedStrangers * 4);

  constructor({ addresses, macs, madeUp }: OwnersOptions) {
    this.#addresses = addresses;
    this.#macs = macs;
    this.#madeUp = madeUp;
  }

  get usesMacs(): boolean {
    return this.#macs.size > 0;
  }

  /** Number of the network interface, or one of `stranger`. */
  ofSource(packet: PacketView): number {
    if (packet.hasMac !== 0 && this.#macs.size > 0) {
      const index = this.#macs.find(packet.srcMacHigh, packet.srcMacLow);
      if (index >= 0) return index;
    }
    return this.#ofAddress(packet.family, packet.src0, packet.src1, packet.src2, packet.src3);
  }

  ofDestination(packet: PacketView): number {
    if (packet.hasMac !== 0 && this.#macs.size > 0) {
      const index = this.#macs.find(packet.dstMacHigh, packet.dstMacLow);
      if (index >= 0) return index;
    }
    return this.#ofAddress(packet.family, packet.dst0, packet.dst1, packet.dst2, packet.dst3);
  }

  #ofAddress(family: number, w0: number, w1: number, w2: number, w3: number): number {
    const index = family === 4 ? this.#addresses.find4(w3) : this.#addresses.find6(w0, w1, w2, w3);
    return index < 0 && this.#madeUp ? this.#makeUp(family as 4 | 6, w0, w1, w2, w3) : index;
  }

  #makeUp(family: 4 | 6, w0: number, w1: number, w2: number, w3: number): number {
    const { network, register } = this.#madeUp as NonNullable<OwnersOptions['madeUp']>;
    const strangers = this.#strangers;
    const first = family === 4 ? ipv4Stranger : w0;
    const place = (Math.imul(w3 ^ Math.imul(first ^ w1 ^ w2, 0x85ebca6b), 0x9e3779b1) >>> 19) << 2;
    if (
      strangers[place] === w3 &&
      strangers[place + 1] === first &&
      strangers[place + 2] === w1 &&
      strangers[place + 3] === w2
    ) {
      return stranger.unknown;
    }
    if (!network.isLocal(family, w0, w1, w2, w3)) {
      strangers[place] = w3;
      strangers[place + 1] = first;
      strangers[place + 2] = w1;
      strangers[place + 3] = w2;
      return stranger.unknown;
    }
    const address = { family, words: [w0, w1, w2, w3] } as const;
    const networkInterface = network.interfaceFor(address);
    if (!networkInterface) return stranger.tooMany;
    return register(networkInterface);
  }
}
