import { linkType } from '../packet/frame-batch.ts';

/** `ARPHRD_` numbers of linux/if_arp.h whose frames can be read. */
export const hardwareType = {
  ethernet: 1,
  ppp: 512,
  rawIp: 519,
  tunnel: 768,
  tunnel6: 769,
  loopback: 772,
  sit: 776,
  gre: 778,
  gre6: 823,
  none: 65534,
} as const;

const ethernetTypes: ReadonlySet<number> = new Set([hardwareType.ethernet, hardwareType.loopback]);
const greTypes: ReadonlySet<number> = new Set([hardwareType.gre, hardwareType.gre6]);
/** Tunnels and point-to-point links: what a packet socket gives of them begins with the IP header. */
const rawTypes: ReadonlySet<number> = new Set([
  hardwareType.ppp,
  hardwareType.rawIp,
  hardwareType.tunnel,
  hardwareType.tunnel6,
  hardwareType.sit,
  hardwareType.none,
]);

/** Link type of the frames of a device of this `ARPHRD_` type. */
export function frameLinkType(type: number): number {
  return ethernetTypes.has(type) ? linkType.ethernet : linkType.raw;
}

/**
 * Whether the frames of such a device can be read. A GRE tunnel to one peer gives bare IP packets; one without a fixed
 * peer builds a header of its own before them.
 */
export function knownHardwareType(type: number, pointToPoint: boolean): boolean {
  return ethernetTypes.has(type) || rawTypes.has(type) || (greTypes.has(type) && pointToPoint);
}
