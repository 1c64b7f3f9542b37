/** What `decodeFrame` answers: `ip`, or why there is no packet to observe. Codes from 16 on are malformed packets. */
export const decodeOutcome = {
  ip: 0,
  arp: 1,
  otherProtocol: 2,
  unknownLinkType: 3,
  /** The capture's snap length cut the frame before the end of its IP headers. */
  snapped: 4,

  linkHeader: 16,
  vlanHeader: 17,
  ipVersion: 18,
  ipv4HeaderLength: 19,
  ipv4TotalLength: 20,
  ipv6PayloadLength: 21,
  ipv6ExtensionHeader: 22,
  tcpHeader: 23,
  udpLength: 24,
  sctpHeader: 25,
  icmpHeader: 26,
} as const;
export type DecodeOutcome = (typeof decodeOutcome)[keyof typeof decodeOutcome];

/** How a count of the outcome is named in the sums. */
export const outcomeReason: Readonly<Record<DecodeOutcome, string>> = {
  0: 'ip',
  1: 'arp',
  2: 'other-protocol',
  3: 'unknown-link-type',
  4: 'snapped',
  16: 'link-header',
  17: 'vlan-header',
  18: 'ip-version',
  19: 'ipv4-header-length',
  20: 'ipv4-total-length',
  21: 'ipv6-payload-length',
  22: 'ipv6-extension-header',
  23: 'tcp-header',
  24: 'udp-length',
  25: 'sctp-header',
  26: 'icmp-header',
};

export const isMalformed = (outcome: DecodeOutcome): boolean => outcome >= 16;
