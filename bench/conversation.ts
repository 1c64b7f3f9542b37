import type { Host } from './hosts.ts';

/** How a conversation behaves; see `playPacket`. */
export type Profile =
  | 'web'
  | 'bulk'
  | 'interactive'
  | 'midstream'
  | 'refused'
  | 'scan'
  | 'dns'
  | 'quic'
  | 'voice'
  | 'fragmented'
  | 'ping';

export interface Conversation {
  readonly profile: Profile;
  readonly family: 4 | 6;
  /** IANA protocol number: 6, 17, 1 or 58. */
  readonly protocol: number;
  readonly client: Host;
  readonly server: Host;
  /** 0 for ICMP; then `clientPort` is the echo identifier. */
  readonly clientPort: number;
  readonly serverPort: number;
  /** 802.1Q VLAN id, or 0 for an untagged frame. */
  readonly vlan: number;
  readonly startUs: number;
  readonly endUs: number;
  /** How a TCP conversation ends; `open` ones are cut off by the end of the trace. */
  readonly ending: 'fin' | 'reset' | 'open';

  packetCount: number;
  sent: number;
  clientSequence: number;
  serverSequence: number;
  /** Bytes of the fragmented datagram that are under way, and how many of them were sent. */
  datagramBytes: number;
  datagramSent: number;
  datagramId: number;
}
