import { parseAddress, parsePrefix } from '../ip/index.ts';
import { parseMac } from './mac-table.ts';
import { protocolNumber } from './protocol-number.ts';

/** What a text in a network's file must look like. */
export interface TextRule {
  accepts(text: string): boolean;
  readonly expected: string;
}

/**
 * Ids stand in records, file names and messages: no spaces, slashes or control characters. Hand-written ones with
 * words in them are welcome.
 */
function idRule(prefix: string, what: string): TextRule {
  const pattern = new RegExp(`^${prefix}-[0-9A-Za-z][0-9A-Za-z._-]{0,63}$`);
  return { accepts: (text) => pattern.test(text), expected: `${what} such as ${prefix}-0123456789abcdef0` };
}

export const vpcId = idRule('vpc', 'a VPC id');
export const subnetId = idRule('subnet', 'a subnet id');
export const networkInterfaceId = idRule('eni', 'a network interface id');
export const groupId = idRule('sg', 'a security group id');
export const networkAclId = idRule('acl', 'a network ACL id');
export const routeTableId = idRule('rtb', 'a route table id');
export const securityGroupRuleId = idRule('sgr', 'a security group rule id');
export const instanceId = idRule('i', 'an instance id');
export const prefixListId = idRule('pl', 'a prefix list id');

/** Owners, ARNs, zones, gateways: printable ASCII without spaces. */
export const token: TextRule = {
  accepts: (text) => /^[\x21-\x7e]{1,512}$/.test(text),
  expected: 'a text without spaces',
};
export const text: TextRule = { accepts: () => true, expected: 'a text' };

export const ipv4Address: TextRule = {
  accepts: (value) => parseAddress(value)?.family === 4,
  expected: 'an IPv4 address such as 10.0.0.1',
};
export const ipv6Address: TextRule = {
  accepts: (value) => parseAddress(value)?.family === 6,
  expected: 'an IPv6 address such as 2001:db8::1',
};
export const ipv4Cidr: TextRule = {
  accepts: (value) => parsePrefix(value)?.family === 4,
  expected: 'an IPv4 CIDR block such as 10.0.0.0/16',
};
export const ipv6Cidr: TextRule = {
  accepts: (value) => parsePrefix(value)?.family === 6,
  expected: 'an IPv6 CIDR block such as 2001:db8::/56',
};
export const anyCidr: TextRule = {
  accepts: (value) => parsePrefix(value) !== undefined,
  expected: 'a CIDR block such as 10.0.0.0/16',
};
export const macAddress: TextRule = {
  accepts: (value) => parseMac(value) !== undefined,
  expected: 'a MAC address such as 02:a1:70:4a:5d:8a',
};
export const protocol: TextRule = {
  accepts: (value) => protocolNumber(value) !== undefined,
  expected: '-1, tcp, udp, icmp, icmpv6 or a protocol number from 0 to 255',
};
export const ruleAction: TextRule = {
  accepts: (value) => value === 'allow' || value === 'deny',
  expected: 'allow or deny',
};
