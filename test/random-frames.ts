import fc from 'fast-check';
import {
  arp,
  authentication,
  concat,
  destinationOptions,
  ethernet,
  fragmentHeader,
  fragmentIpv4,
  fragmentIpv6,
  hopByHop,
  icmpPacket,
  ip,
  ipv6,
  routing,
  sctp,
  tcpPacket,
  udp,
  udpPacket,
} from './frames.ts';

/** Few addresses, so that frames of a stream belong together; private, public, multicast and reserved ones. */
const addresses4 = [
  '10.0.0.10',
  '10.0.0.11',
  '10.0.1.12',
  '203.0.113.9',
  '198.51.100.7',
  '224.0.0.251',
  '255.255.255.255',
  '169.254.169.254',
];
const addresses6 = ['fd00::10', 'fd00::11', 'fd00:1::12', '2001:db8::9', 'ff02::fb', 'fd00:ec2::254'];
const ports = [22, 53, 67, 68, 443, 40_000, 65_535];

const ends = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ src: fc.constantFrom(...addresses4), dst: fc.constantFrom(...addresses4) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ src: fc.constantFrom(...addresses6), dst: fc.constantFrom(...addresses6) }),
  },
);
const portPair = fc.record({ srcPort: fc.constantFrom(...ports), dstPort: fc.constantFrom(...ports) });
const payload = fc.nat(120).map((length) => new Uint8Array(length));

const tcpPackets = fc
  .tuple(ends, portPair, fc.constantFrom(2, 18, 16, 24, 17, 4, 20), payload)
  .map(([between, pair, flags, bytes]) => tcpPacket({ ...between, ...pair, flags, payload: bytes }));
const udpPackets = fc
  .tuple(ends, portPair, payload)
  .map(([between, pair, bytes]) => udpPacket({ ...between, ...pair, payload: bytes }));
const icmpTypes = fc.constantFrom(0, 3, 5, 8, 11, 1, 2, 128, 129, 135);
const icmpPackets = fc
  .tuple(ends, icmpTypes, fc.oneof(payload, udpPackets, tcpPackets))
  .map(([between, type, bytes]) => icmpPacket({ ...between, type, payload: bytes }));
const otherPackets = fc
  .tuple(ends, fc.constantFrom(2, 47, 50, 132, 255), payload)
  .map(([between, protocol, bytes]) =>
    ip({
      ...between,
      protocol,
      payload: protocol === 132 ? sctp({ srcPort: 1, dstPort: 2, payload: bytes }) : bytes,
    }),
  );
const extensionHeaders = fc.array(
  fc.constantFrom(hopByHop(), destinationOptions(16), routing(), authentication(), fragmentHeader({ id: 3 })),
  { maxLength: 4 },
);
const extendedPackets = fc
  .tuple(fc.constantFrom(...addresses6), fc.constantFrom(...addresses6), extensionHeaders, portPair, payload)
  .map(([src, dst, extensions, pair, bytes]) =>
    ipv6({ src, dst, protocol: 17, extensions, payload: udp({ ...pair, payload: bytes }) }),
  );
const fragments = fc
  .tuple(fc.oneof(udpPackets, icmpPackets, tcpPackets), fc.nat(3))
  .map(([packet, piece]) => {
    const pieces = packet[0] >> 4 === 6 ? fragmentIpv6(packet, 24) : fragmentIpv4(packet, 24);
    return pieces[piece % pieces.length];
  });

const packets = fc.oneof(
  { weight: 4, arbitrary: tcpPackets },
  { weight: 3, arbitrary: udpPackets },
  { weight: 2, arbitrary: icmpPackets },
  otherPackets,
  extendedPackets,
  fragments,
);
const vlans = fc.oneof(
  { weight: 6, arbitrary: fc.constant([]) },
  fc.array(fc.nat(4095), { minLength: 1, maxLength: 5 }),
);

/** A frame as a well-behaved host sends it. */
export const validFrame: fc.Arbitrary<Uint8Array> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.tuple(packets, vlans).map(([bytes, tags]) => ethernet({ payload: bytes, vlans: tags })),
  },
  {
    weight: 1,
    arbitrary: fc.constant(
      ethernet({ etherType: 0x0806, payload: arp({ senderIp: '10.0.0.10', targetIp: '10.0.0.11' }) }),
    ),
  },
);

const mutations = fc.array(fc.record({ at: fc.nat(80), value: fc.nat(255) }), { maxLength: 4 });

/** A frame with some of its bytes changed, cut off or added. */
export const mutatedFrame: fc.Arbitrary<Uint8Array> = fc
  .tuple(validFrame, mutations, fc.oneof(fc.constant(0), fc.integer({ min: -60, max: 60 })))
  .map(([frame, changes, growth]) => {
    const bytes =
      growth >= 0
        ? concat(frame, new Uint8Array(growth))
        : frame.slice(0, Math.max(0, frame.length + growth));
    for (const { at, value } of changes) if (at < bytes.length) bytes[at] = value;
    return bytes;
  });
