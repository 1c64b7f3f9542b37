import type { Prefix } from '../ip/index.ts';

/**
 * What traffic a rule is about: `protocol` is an IANA number or -1. For TCP and UDP `low` and `high` are destination
 * ports; for ICMP and ICMPv6 they are type and code, -1 for any; for the rest they say nothing.
 */
export interface Traffic {
  readonly protocol: number;
  readonly low: number;
  readonly high: number;
}

/** A security group rule or network ACL entry about one range of peers, or about the members of one group. */
export interface Rule {
  readonly traffic: Traffic;
  /** `group` is the number that the compilation gave the group. */
  readonly peer: Prefix | { readonly group: number };
  readonly allow: boolean;
  /** Number in the cause list. */
  readonly cause: number;
}
