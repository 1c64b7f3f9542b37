import { QueryError } from '../../fault/index.ts';
import { type Prefix, parsePrefix } from '../../ip/index.ts';
import { call, hold } from '../sql/held.ts';
import { textOf } from '../sql/readings.ts';
import { parameter, type Sql, sql } from '../sql/sql.ts';
import { booleanOf, scalar, type Value } from '../sql/value.ts';
import { type Arguments, type CompiledFunction, fn } from './function.ts';

/** Texts that are no addresses give 0. Leading zeros make no address; nor does a zone (`fe80::1%eth0`). */
export const ipFunctions: readonly CompiledFunction[] = [
  fn('isValidIp is_valid_ip', 'ip', 'f', '1 when it is an IPv4 or IPv6 address', (args) =>
    held(args, isAddress),
  ),
  fn('isValidIpV4 is_valid_ip_v4', 'ip', 'f', '1 when it is an IPv4 address', (args) => held(args, isIpv4)),
  fn('isValidIpV6 is_valid_ip_v6', 'ip', 'f', '1 when it is an IPv6 address', (args) => held(args, isIpv6)),
  fn(
    'isIpInSubnet is_ip_in_subnet',
    'ip',
    'f, cidr:text',
    '1 when the address is in the IPv4 or IPv6 block',
    (args) => held(args, (value) => inBlock(value, blockOf(args))),
  ),
  fn(
    'isIpv4InSubnet is_ipv4_in_subnet',
    'ip',
    'f, cidr:text',
    '1 when the address is in the IPv4 block',
    (args) => held(args, (value) => inBlock(value, blockOf(args, 4))),
  ),
  fn(
    'isIpv6InSubnet is_ipv6_in_subnet',
    'ip',
    'f, cidr:text',
    '1 when the address is in the IPv6 block',
    (args) => held(args, (value) => inBlock(value, blockOf(args, 6))),
  ),
  fn('ipv4ToNumber ipv4_to_number', 'ip', 'f', 'The IPv4 address as a number of 32 bits', (args) =>
    scalar('integer', sql`${ipv4Of(args.value(0))}::BIGINT`),
  ),
  fn('isPrivateIP is_private_ip', 'ip', 'f', '1 when it is a private IPv4 address (RFC 1918)', (args) =>
    held(args, isPrivate),
  ),
  fn(
    'isReservedIP is_reserved_ip',
    'ip',
    'f',
    '1 when the address is of special purpose or multicast, and not private',
    (args) => held(args, isReserved),
  ),
  fn(
    'isPublicIP is_public_ip',
    'ip',
    'f',
    '1 when it is an address that is neither private nor reserved',
    (args) => held(args, isPublic),
  ),
];

/** The truth of the first argument, whose text is computed once: BETWEEN alone would write it twice. */
function held(args: Arguments, condition: (value: Value) => Sql): Value {
  const value = args.value(0);
  if (value.kind === 'address') return booleanOf(condition(value));
  return booleanOf(hold([textOf(value)], ([text]) => condition(scalar('text', text))));
}

/** The number of an IPv4 address; NULL for anything else. */
function ipv4Of(value: Value): Sql {
  return value.kind === 'address' ? value.ipv4 : call('text_ipv4', textOf(value));
}

/** The 32 hexadecimal digits of an IPv6 address; undefined where there cannot be one. */
function ipv6Of(value: Value): Sql | undefined {
  if (value.kind !== 'address') return call('text_ipv6', textOf(value));
  return value.other && call('text_ipv6', value.other);
}

function isIpv4(value: Value): Sql {
  return sql`(${ipv4Of(value)} IS NOT NULL)`;
}

function isIpv6(value: Value): Sql {
  const digits = ipv6Of(value);
  return digits ? sql`(${digits} IS NOT NULL)` : sql`false`;
}

function isAddress(value: Value): Sql {
  return sql`(${isIpv4(value)} OR ${isIpv6(value)})`;
}

function isPublic(value: Value): Sql {
  return sql`(${isAddress(value)} AND (${isPrivate(value)} OR ${isReserved(value)}) IS NOT TRUE)`;
}

function isPrivate(value: Value): Sql {
  return call('ipv4_private', ipv4Of(value));
}

function isReserved(value: Value): Sql {
  const digits = ipv6Of(value);
  const ipv4 = call('ipv4_reserved', ipv4Of(value));
  return digits ? sql`(${ipv4} OR ${call('ipv6_reserved', digits)})` : ipv4;
}

/** A range of numbers for IPv4, of digits for IPv6. */
function inBlock(value: Value, { family, words, length }: Prefix): Sql {
  if (family === 4) {
    const first = words[3] >>> 0;
    const last = first + 2 ** (32 - length) - 1;
    return sql`(${ipv4Of(value)} BETWEEN ${parameter(first)}::UINTEGER AND ${parameter(last)}::UINTEGER)`;
  }
  const digits = ipv6Of(value);
  if (!digits) return sql`false`;
  const first = words.reduce((all, word) => (all << 32n) | BigInt(word >>> 0), 0n);
  const last = first | ((1n << BigInt(128 - length)) - 1n);
  return sql`(${digits} BETWEEN ${hexDigits(first)} AND ${hexDigits(last)})`;
}

function hexDigits(address: bigint): Sql {
  return sql`${parameter(address.toString(16).padStart(32, '0'))}::VARCHAR`;
}

/** @throws QueryError at the argument when it is no CIDR block, or none of that family */
function blockOf(args: Arguments, family?: 4 | 6): Prefix {
  const text = args.text(1);
  const block = parsePrefix(text);
  if (block && (family === undefined || block.family === family)) return block;
  const example = family === 6 ? '"2001:db8::/32"' : '"192.0.2.0/24"';
  const kind = family === undefined ? 'CIDR' : `IPv${family} CIDR`;
  throw new QueryError(`${JSON.stringify(text)} is no ${kind} block`, args.node(1).range, [example]);
}
