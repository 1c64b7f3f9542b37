/** Small captures that the end-to-end tests share. */
import { tcpFlag } from '../../src/packet/index.ts';
import { type WrittenFrame, writePcap } from '../capture-file-writer.ts';
import { ethernet, tcpPacket, udpPacket } from '../frames.ts';

/** 2023-11-14T22:14:00Z: the beginning of a minute, four minutes into its ten. */
export const startSeconds = 1_700_000_040;

export function frame(seconds: number, packet: Uint8Array): WrittenFrame {
  return { timeMs: (startSeconds + seconds) * 1000, bytes: ethernet({ payload: packet }) };
}

const { syn, ack } = tcpFlag;
const client = '10.0.1.5';
const server = '10.0.1.9';
const resolver = '192.0.2.53';

export const handshake = [
  frame(0, tcpPacket({ src: client, dst: server, srcPort: 40_000, dstPort: 22, flags: syn })),
  frame(0.5, tcpPacket({ src: server, dst: client, srcPort: 22, dstPort: 40_000, flags: syn | ack })),
];
const query = (seconds: number) =>
  frame(seconds, udpPacket({ src: server, dst: resolver, srcPort: 5353, dstPort: 53, payload: [1, 2] }));
/** A question and its answer, in two minutes each. */
export const lookups = [0, 60].flatMap((seconds) => [
  query(seconds + 1),
  frame(seconds + 2, udpPacket({ src: resolver, dst: server, srcPort: 53, dstPort: 5353, payload: [3] })),
]);

/** Ids that Headgate makes up for these addresses, in every run and everywhere. */
export const eni = { client: 'eni-7742c503f8b577f37', server: 'eni-2c67e739ed915026f' } as const;

/** The records of `handshake` and `lookups` in AWS's default format. */
export const records = [
  `2 123456789012 ${eni.client} ${client} ${server} 40000 22 6 1 40 1700000040 1700000040 ACCEPT OK`,
  `2 123456789012 ${eni.server} ${client} ${server} 40000 22 6 1 40 1700000040 1700000040 ACCEPT OK`,
  `2 123456789012 ${eni.server} ${server} ${client} 22 40000 6 1 40 1700000040 1700000040 ACCEPT OK`,
  `2 123456789012 ${eni.client} ${server} ${client} 22 40000 6 1 40 1700000040 1700000040 ACCEPT OK`,
  `2 123456789012 ${eni.server} ${server} ${resolver} 5353 53 17 1 30 1700000041 1700000041 ACCEPT OK`,
  `2 123456789012 ${eni.server} ${resolver} ${server} 53 5353 17 1 29 1700000042 1700000042 ACCEPT OK`,
  `2 123456789012 ${eni.server} ${server} ${resolver} 5353 53 17 1 30 1700000101 1700000101 ACCEPT OK`,
  `2 123456789012 ${eni.server} ${resolver} ${server} 53 5353 17 1 29 1700000102 1700000102 ACCEPT OK`,
];

export const smallPcap = writePcap([...handshake, ...lookups]);

/** One UDP packet each from as many flows, all in one minute; more to print than a pipe holds. */
export function manyFlows(count: number, seconds = 0): WrittenFrame[] {
  return Array.from({ length: count }, (_, i) =>
    frame(
      seconds,
      udpPacket({ src: server, dst: `198.51.${(i >> 8) & 255}.${i & 255}`, srcPort: i >> 16, dstPort: 443 }),
    ),
  );
}
