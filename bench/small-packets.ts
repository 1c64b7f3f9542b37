import type { Conversation } from './conversation.ts';
import { FrameBuilder } from './frame-builder.ts';
import type { Host } from './hosts.ts';
import { PcapWriter } from './pcap-writer.ts';
import { Random } from './random.ts';

const sender: Host = {
  ipv4: (10 << 24) | (77 << 16) | 1,
  ipv6: [0, 0, 0, 0],
  mac: [0, 0, 0, 77, 1],
  local: true,
};

/** UDP packets of 64-byte frames from one host to another, drawn from `flowCount` port pairs: for replaying. */
export function writeSmallPackets(
  file: string,
  { packets, flowCount, seed }: { packets: number; flowCount: number; seed: number },
  receiver: Host,
): void {
  const random = new Random(seed);
  const writer = new PcapWriter(file, 0);
  const frames = new FrameBuilder(writer);
  for (let i = 0; i < packets; i++) {
    const flow = random.between(0, flowCount - 1);
    frames.udp(i, talkOf(flow, receiver), true, 22);
  }
  writer.close();
}

function talkOf(flow: number, receiver: Host): Conversation {
  return {
    profile: 'voice',
    family: 4,
    protocol: 17,
    client: sender,
    server: receiver,
    clientPort: 10_000 + (flow % 40_000),
    serverPort: 5_000 + Math.floor(flow / 40_000),
    vlan: 0,
    startUs: 0,
    endUs: 0,
    ending: 'open',
    packetCount: 0,
    sent: 0,
    clientSequence: 0,
    serverSequence: 0,
    datagramBytes: 0,
    datagramSent: 0,
    datagramId: 0,
  };
}
