import type { Random } from './random.ts';

/** A machine of the trace: both its addresses, and the MAC that its frames carry. */
export interface Host {
  readonly ipv4: number;
  /** Big-endian 32-bit words. */
  readonly ipv6: readonly [number, number, number, number];
  /** Last five bytes of the locally administered MAC address `02:…`. */
  readonly mac: readonly [number, number, number, number, number];
  readonly local: boolean;
}

/** The local network: `siteCount` /16s of 10.0.0.0/8, each of `subnetsPerSite` /18 and /64 subnets. */
export const siteCount = 4;
export const subnetsPerSite = 4;
const hostsPerSubnet = 256;
export const localHostCount = siteCount * subnetsPerSite * hostsPerSubnet;

const routerMac = [0, 0, 0, 0, 1] as const;

/** Local host `index` (0 to `localHostCount` - 1); neighbours in number are in different subnets. */
export function localHost(index: number): Host {
  const subnet = index % (siteCount * subnetsPerSite);
  const site = subnet >> 2;
  const part = subnet & 3;
  const inSubnet = Math.floor(index / (siteCount * subnetsPerSite));
  const third = part * 64 + (inSubnet >> 6);
  const fourth = 10 + (inSubnet & 63);
  return {
    ipv4: (10 << 24) | (site << 16) | (third << 8) | fourth,
    ipv6: [0xfd000010 | 0, (site << 16) | part, 0, 0x1000 + inSubnet],
    mac: [0, 10, site, third, fourth],
    local: true,
  };
}

/** A machine beyond the router, somewhere in the public unicast space. */
export function publicHost(random: Random): Host {
  return {
    ipv4: publicIpv4(random),
    ipv6: [0x2a000000 | random.between(0, 0xfffff), random.int32(), random.int32(), random.int32()],
    mac: routerMac,
    local: false,
  };
}

function publicIpv4(random: Random): number {
  for (;;) {
    const word = random.int32();
    const first = word >>> 24;
    // First bytes that hold private, shared, loopback, link-local, test or multicast ranges are left out whole.
    if (first > 0 && first < 224 && ![10, 100, 127, 169, 172, 192, 198, 203].includes(first)) return word;
  }
}
