/**
 * Hot: rules as rows of 32-bit words, asked from first to last. A row costs a few compares, and nothing allocates but
 * `buildRuleTable`. Security groups (allow only) and network ACLs (in the order of their numbers) share the layout.
 */
import { maskAddress, type Words } from '../ip/index.ts';
import { ipProtocol } from '../packet/packet-view.ts';
import type { Rule, Traffic } from './rule.ts';

/** Word numbers in a row. Family 0 is a rule about the members of `group`. */
const ruleWord = {
  protocol: 0,
  low: 1,
  high: 2,
  family: 3,
  peer: 4,
  mask: 8,
  group: 12,
  cause: 13,
  flags: 14,
} as const;
const rowWords = 16;
const ruleFlag = { allow: 1, wholeWorld: 2, allPorts: 4 } as const;
const maxPort = 65_535;

export type RuleTable = Int32Array;
export const noGroups = new Int32Array(0);

/** What a packet is to the rules. One is reused; every field is set before `findRule`. */
export class RuleSubject {
  family = 4;
  protocol = 0;
  /** Destination port in the direction that is asked. */
  port = 0;
  /** False when the packet carries no ports though its protocol has them: a later fragment, a cut capture. */
  portsKnown = true;
  icmpType = 0;
  icmpCode = 0;
  peer0 = 0;
  peer1 = 0;
  peer2 = 0;
  peer3 = 0;
  /** Bit set over group numbers: the groups of the interface that owns the peer's address. */
  peerGroups: Int32Array = noGroups;
}

export function buildRuleTable(rules: readonly Rule[]): RuleTable {
  const table = new Int32Array(rules.length * rowWords);
  for (const [index, rule] of rules.entries()) writeRow(table, index * rowWords, rule);
  return table;
}

/** The first row that fits, or -1. */
export function findRule(table: RuleTable, subject: RuleSubject): number {
  for (let row = 0; row < table.length; row += rowWords) {
    if (fitsTraffic(table, row, subject) && fitsPeer(table, row, subject)) return row;
  }
  return -1;
}

export const ruleCause = (table: RuleTable, row: number): number => table[row + ruleWord.cause];
export const ruleAllows = (table: RuleTable, row: number): boolean =>
  (table[row + ruleWord.flags] & ruleFlag.allow) !== 0;
/** The rule is about all of 0.0.0.0/0 or all of ::/0. */
export const ruleIsAboutWholeWorld = (table: RuleTable, row: number): boolean =>
  (table[row + ruleWord.flags] & ruleFlag.wholeWorld) !== 0;

function fitsTraffic(table: RuleTable, row: number, subject: RuleSubject): boolean {
  const ruleProtocol = table[row + ruleWord.protocol];
  if (ruleProtocol === -1) return true;
  if (ruleProtocol !== subject.protocol) return false;
  if ((table[row + ruleWord.flags] & ruleFlag.allPorts) !== 0) return true;
  const low = table[row + ruleWord.low];
  const high = table[row + ruleWord.high];
  if (ruleProtocol === ipProtocol.tcp || ruleProtocol === ipProtocol.udp) {
    return subject.portsKnown && subject.port >= low && subject.port <= high;
  }
  return (low === -1 || low === subject.icmpType) && (high === -1 || high === subject.icmpCode);
}

function fitsPeer(table: RuleTable, row: number, subject: RuleSubject): boolean {
  const family = table[row + ruleWord.family];
  if (family === 0) return hasGroup(subject.peerGroups, table[row + ruleWord.group]);
  // Masks of IPv4 rows are 0 in the first three words.
  return (
    family === subject.family &&
    ((subject.peer3 ^ table[row + ruleWord.peer + 3]) & table[row + ruleWord.mask + 3]) === 0 &&
    ((subject.peer0 ^ table[row + ruleWord.peer]) & table[row + ruleWord.mask]) === 0 &&
    ((subject.peer1 ^ table[row + ruleWord.peer + 1]) & table[row + ruleWord.mask + 1]) === 0 &&
    ((subject.peer2 ^ table[row + ruleWord.peer + 2]) & table[row + ruleWord.mask + 2]) === 0
  );
}

function hasGroup(groups: Int32Array, group: number): boolean {
  const place = group >>> 5;
  return place < groups.length && (groups[place] & (1 << (group & 31))) !== 0;
}

/** A bit set as `RuleSubject.peerGroups` wants it. */
export function groupBits(groups: readonly number[]): Int32Array {
  if (groups.length === 0) return noGroups;
  const bits = new Int32Array((Math.max(...groups) >>> 5) + 1);
  for (const group of groups) bits[group >>> 5] |= 1 << (group & 31);
  return bits;
}

/** All ports of a protocol that has ports, all types and codes, or a protocol that a rule cannot divide further. */
export function coversAllPorts({ protocol, low, high }: Traffic): boolean {
  if (protocol === ipProtocol.tcp || protocol === ipProtocol.udp) return low === 0 && high === maxPort;
  if (protocol === ipProtocol.icmp || protocol === ipProtocol.icmpv6) return low === -1 && high === -1;
  return true;
}

function writeRow(table: RuleTable, row: number, { traffic, peer, allow, cause }: Rule): void {
  table[row + ruleWord.protocol] = traffic.protocol;
  table[row + ruleWord.low] = traffic.low;
  table[row + ruleWord.high] = traffic.high;
  table[row + ruleWord.cause] = cause;
  let flags = (allow ? ruleFlag.allow : 0) | (coversAllPorts(traffic) ? ruleFlag.allPorts : 0);
  if ('group' in peer) {
    table[row + ruleWord.group] = peer.group;
  } else {
    table[row + ruleWord.family] = peer.family;
    table.set(peer.words, row + ruleWord.peer);
    table.set(maskAddress({ family: peer.family, words: allOnes }, peer.length), row + ruleWord.mask);
    if (peer.length === 0) flags |= ruleFlag.wholeWorld;
  }
  table[row + ruleWord.flags] = flags;
}

const allOnes: Words = [-1, -1, -1, -1];
