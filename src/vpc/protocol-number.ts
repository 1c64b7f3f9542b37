const names: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58 };

/** -1 in the rules of security groups and network ACLs. */
const everyProtocol = -1;

/**
 * The protocol of a rule as AWS writes it: `-1` for every one, the names `tcp`, `udp`, `icmp` and `icmpv6`, else the
 * IANA number; `undefined` when it is none of these.
 */
export function protocolNumber(text: string): number | undefined {
  if (text === '-1') return everyProtocol;
  if (Object.hasOwn(names, text)) return names[text];
  return /^(?:0|[1-9][0-9]{0,2})$/.test(text) && Number(text) <= 255 ? Number(text) : undefined;
}
