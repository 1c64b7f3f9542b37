import { truncateSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderOf } from '../../test/network-folder.ts';
import { sharedData } from '../../test/shared-data.ts';
import { ConfigError } from '../fault/index.ts';
import { loadNetwork } from './load-network.ts';
import { networkAclOf } from './network-index.ts';

type Members = Record<string, unknown>;

const vpc: Members = { VpcId: 'vpc-1', CidrBlock: '10.0.0.0/16', OwnerId: '123456789012' };
const subnet: Members = { SubnetId: 'subnet-1', VpcId: 'vpc-1', CidrBlock: '10.0.1.0/24' };
const eni: Members = {
  NetworkInterfaceId: 'eni-1',
  VpcId: 'vpc-1',
  SubnetId: 'subnet-1',
  MacAddress: '02:00:00:00:00:01',
  Groups: [{ GroupId: 'sg-1' }],
  PrivateIpAddress: '10.0.1.5',
  PrivateIpAddresses: [{ PrivateIpAddress: '10.0.1.5', Primary: true }],
};
const group: Members = { GroupId: 'sg-1', VpcId: 'vpc-1', IpPermissions: [], IpPermissionsEgress: [] };
const entry: Members = {
  RuleNumber: 100,
  Egress: true,
  Protocol: '-1',
  RuleAction: 'allow',
  CidrBlock: '0.0.0.0/0',
};
const acl: Members = {
  NetworkAclId: 'acl-1',
  VpcId: 'vpc-1',
  IsDefault: true,
  Associations: [{ SubnetId: 'subnet-1' }],
  Entries: [entry],
};

/** A good network with some of its files replaced. */
function files(changes: Members = {}): Members {
  return {
    'Vpcs.json': { Vpcs: [vpc] },
    'Subnets.json': { Subnets: [subnet] },
    'NetworkInterfaces.json': { NetworkInterfaces: [eni] },
    'SecurityGroups.json': { SecurityGroups: [group] },
    'NetworkAcls.json': { NetworkAcls: [acl] },
    ...changes,
  };
}

function interfaces(...changes: Members[]): Members {
  return {
    'NetworkInterfaces.json': { NetworkInterfaces: changes.map((change) => ({ ...eni, ...change })) },
  };
}

function permission(change: Members): Members {
  return { 'SecurityGroups.json': { SecurityGroups: [{ ...group, IpPermissions: [change] }] } };
}

function entries(...changes: Members[]): Members {
  return {
    'NetworkAcls.json': {
      NetworkAcls: [{ ...acl, Entries: changes.map((change) => ({ ...entry, ...change })) }],
    },
  };
}

function routes(...list: Members[]): Members {
  return { 'RouteTables.json': { RouteTables: [{ RouteTableId: 'rtb-1', VpcId: 'vpc-1', Routes: list }] } };
}

function errorsOf(folder: string): readonly string[] {
  try {
    loadNetwork(folder);
  } catch (error) {
    if (error instanceof ConfigError && error.code === 'InvalidNetwork') return error.details;
    throw error;
  }
  return [];
}

const eniAt = 'NetworkInterfaces.json: $.NetworkInterfaces';
const ruleAt = 'SecurityGroups.json: $.SecurityGroups[0].IpPermissions[0]';
const entryAt = 'NetworkAcls.json: $.NetworkAcls[0].Entries';

describe('loadNetwork', () => {
  it('reads a good network', () => {
    const { network, warnings } = loadNetwork(folderOf(files()));
    expect(warnings).toEqual([]);
    expect(network).toEqual({
      origin: 'described',
      vpcs: [vpc],
      subnets: [subnet],
      networkInterfaces: [eni],
      securityGroups: [group],
      networkAcls: [acl],
      routeTables: [],
      securityGroupRules: [],
      instances: [],
      prefixLists: new Map(),
    });
  });

  it("reads the AWS CLI's own names, reservations and prefix lists", () => {
    const folder = folderOf({
      'describe-vpcs.json': `\ufeff${JSON.stringify({ Vpcs: [vpc] })}`,
      'describe-subnets.json': { Subnets: [subnet] },
      'describe-network-interfaces.json': { NetworkInterfaces: [eni] },
      'describe-security-groups.json': { SecurityGroups: [group] },
      'describe-network-acls.json': { NetworkAcls: [acl] },
      'describe-route-tables.json': { RouteTables: [{ RouteTableId: 'rtb-1', VpcId: 'vpc-1' }] },
      'describe-security-group-rules.json': {
        SecurityGroupRules: [
          { SecurityGroupRuleId: 'sgr-1', GroupId: 'sg-1', IsEgress: false, IpProtocol: '-1' },
        ],
      },
      'describe-instances.json': {
        Reservations: [
          { Instances: [{ InstanceId: 'i-1' }] },
          { Instances: [{ InstanceId: 'i-2' }, { InstanceId: 'i-3' }] },
        ],
      },
      'get-managed-prefix-list-entries/pl-1.json': {
        Entries: [{ Cidr: '10.9.0.0/16' }, { Cidr: '2001:db8::/32' }],
      },
      'ManagedPrefixListEntries/pl-2.json': { Entries: [] },
    });
    const { network } = loadNetwork(folder);
    expect(network.vpcs).toEqual([vpc]);
    expect(network.routeTables).toHaveLength(1);
    expect(network.securityGroupRules).toHaveLength(1);
    expect(network.instances.map(({ InstanceId }) => InstanceId)).toEqual(['i-1', 'i-2', 'i-3']);
    expect(network.prefixLists).toEqual(
      new Map<string, string[]>([
        ['pl-2', []],
        ['pl-1', ['10.9.0.0/16', '2001:db8::/32']],
      ]),
    );
  });

  it.skipIf(!sharedData)('loads hybrid-cloud as it is (skipped without the shared data)', () => {
    const { network, warnings } = loadNetwork(path.join(sharedData!, 'aws/hybrid-cloud'));
    const counts = [
      network.vpcs,
      network.subnets,
      network.securityGroups,
      network.networkAcls,
      network.networkInterfaces,
    ];
    expect(counts.map((part) => part.length)).toEqual([4, 10, 11, 4, 9]);
    expect(warnings).toEqual([
      'RouteTables.json: $.RouteTables[3].Routes[1]: the route to "0.0.0.0/0" is a blackhole',
      'SecurityGroups.json: $.SecurityGroups[1].IpPermissions[0].UserIdGroupPairs[0].GroupId: ' +
        'sg-cf3f86b3 is not in SecurityGroups.json: the rule matches nobody',
      'owners differ: 111234 (Vpcs.json), 028403472736 (Subnets.json), 118292266645 (SecurityGroups.json, ' +
        'NetworkInterfaces.json); account-id is the OwnerId of the network interface',
    ]);
  });

  it.each([
    {
      name: 'required files are missing',
      changes: { 'Vpcs.json': undefined, 'NetworkAcls.json': undefined },
      errors: [
        'Vpcs.json: missing, expected what aws ec2 describe-vpcs prints',
        'NetworkAcls.json: missing, expected what aws ec2 describe-network-acls prints',
      ],
    },
    {
      name: 'a file is there under both names',
      changes: { 'describe-vpcs.json': { Vpcs: [vpc] } },
      errors: ['Vpcs.json: describe-vpcs.json is there too, expected one of them'],
    },
    {
      name: 'no JSON',
      changes: { 'Vpcs.json': '{\n  "Vpcs": [,]\n}' },
      errors: ['Vpcs.json: line 2, column 12: unexpected text, expected JSON'],
    },
    {
      name: 'no UTF-8',
      changes: { 'Vpcs.json': Buffer.from([0xff, 0xfe, 0x7b, 0x00]) },
      errors: [
        'Vpcs.json: The encoded data was not valid for encoding utf-8, expected a readable JSON file in UTF-8',
      ],
    },
    {
      name: 'no object',
      changes: { 'Vpcs.json': [vpc] },
      errors: ['Vpcs.json: $: found a list, expected an object'],
    },
    {
      name: 'another list',
      changes: { 'Vpcs.json': { Subnets: [] } },
      errors: ['Vpcs.json: $.Vpcs: missing, expected a list, as aws ec2 describe-vpcs prints it'],
    },
    {
      name: 'elements of other types',
      changes: { 'Vpcs.json': { Vpcs: [vpc, null, 'vpc-2'] } },
      errors: [
        'Vpcs.json: $.Vpcs[1]: found null, expected an object',
        'Vpcs.json: $.Vpcs[2]: found "vpc-2", expected an object',
      ],
    },
    {
      name: 'a subnet in an unknown VPC',
      changes: { 'Subnets.json': { Subnets: [subnet, { ...subnet, SubnetId: 'subnet-2', VpcId: 'vpc-9' }] } },
      errors: ['Subnets.json: $.Subnets[1].VpcId: found "vpc-9", expected a VPC that is in Vpcs.json'],
    },
    {
      name: 'an interface in unknown things',
      changes: interfaces({
        VpcId: 'vpc-9',
        SubnetId: 'subnet-9',
        Groups: [{ GroupId: 'sg-1' }, { GroupId: 'sg-9' }],
      }),
      errors: [
        `${eniAt}[0].VpcId: found "vpc-9", expected a VPC that is in Vpcs.json`,
        `${eniAt}[0].SubnetId: found "subnet-9", expected a subnet that is in Subnets.json`,
        `${eniAt}[0].Groups[1].GroupId: found "sg-9", expected a security group that is in SecurityGroups.json`,
      ],
    },
    {
      name: "an interface in another VPC than its subnet's",
      changes: {
        'Vpcs.json': { Vpcs: [vpc, { ...vpc, VpcId: 'vpc-2' }] },
        ...interfaces({ VpcId: 'vpc-2' }),
      },
      errors: [`${eniAt}[0].VpcId: found "vpc-2", expected vpc-1, where its subnet subnet-1 is`],
    },
    {
      name: 'an interface without ids',
      changes: interfaces({ NetworkInterfaceId: undefined, VpcId: '', SubnetId: 7 }),
      errors: [
        `${eniAt}[0].NetworkInterfaceId: missing, expected a network interface id such as eni-0123456789abcdef0`,
        `${eniAt}[0].VpcId: found "", expected a VPC id such as vpc-0123456789abcdef0`,
        `${eniAt}[0].SubnetId: found 7, expected a subnet id such as subnet-0123456789abcdef0`,
      ],
    },
    {
      name: 'an id that would break a record',
      changes: interfaces({ NetworkInterfaceId: 'eni-1 2\u001b[2J' }),
      errors: [
        `${eniAt}[0].NetworkInterfaceId: found "eni-1 2\\u001b[2J", expected a network interface id such as eni-0123456789abcdef0`,
      ],
    },
    {
      name: 'addresses of a wrong kind',
      changes: interfaces({
        MacAddress: '02:00',
        PrivateIpAddress: '10.0.1.256',
        PrivateIpAddresses: [{ Primary: 'yes' }],
        Ipv6Addresses: [{ Ipv6Address: '10.0.1.5' }],
        Ipv4Prefixes: [{ Ipv4Prefix: '10.0.1.16' }],
        Ipv6Prefixes: {},
      }),
      errors: [
        `${eniAt}[0].PrivateIpAddress: found "10.0.1.256", expected an IPv4 address such as 10.0.0.1`,
        `${eniAt}[0].PrivateIpAddresses[0].PrivateIpAddress: missing, expected an IPv4 address such as 10.0.0.1`,
        `${eniAt}[0].PrivateIpAddresses[0].Primary: found "yes", expected true or false`,
        `${eniAt}[0].Ipv6Addresses[0].Ipv6Address: found "10.0.1.5", expected an IPv6 address such as 2001:db8::1`,
        `${eniAt}[0].Ipv4Prefixes[0].Ipv4Prefix: found "10.0.1.16", expected an IPv4 CIDR block such as 10.0.0.0/16`,
        `${eniAt}[0].Ipv6Prefixes: found an object, expected a list`,
        `${eniAt}[0].MacAddress: found "02:00", expected a MAC address such as 02:a1:70:4a:5d:8a`,
      ],
    },
    {
      name: 'two interfaces with one address in one VPC',
      changes: interfaces(
        {},
        {
          NetworkInterfaceId: 'eni-2',
          MacAddress: undefined,
          PrivateIpAddress: '10.0.1.6',
          PrivateIpAddresses: [{ PrivateIpAddress: '10.0.1.5' }],
        },
      ),
      errors: [
        `${eniAt}[1].PrivateIpAddresses[0].PrivateIpAddress: found "10.0.1.5", expected an address that no other has in vpc-1, and eni-1 has it`,
      ],
    },
    {
      name: 'two interfaces with one IPv6 address written in two ways',
      changes: interfaces(
        { Ipv6Addresses: [{ Ipv6Address: '2001:db8::1' }] },
        {
          NetworkInterfaceId: 'eni-2',
          MacAddress: undefined,
          PrivateIpAddress: undefined,
          PrivateIpAddresses: [],
          Ipv6Addresses: [{ Ipv6Address: '2001:DB8:0::0:1' }],
        },
      ),
      errors: [
        `${eniAt}[1].Ipv6Addresses[0].Ipv6Address: found "2001:DB8:0::0:1", expected an address that no other has in vpc-1, and eni-1 has it`,
      ],
    },
    {
      name: 'ids given twice',
      changes: {
        'Vpcs.json': { Vpcs: [vpc, vpc] },
        ...interfaces({}, {}),
      },
      errors: [
        'Vpcs.json: $.Vpcs[1].VpcId: found "vpc-1", expected each VPC once, and it is at Vpcs.json: $.Vpcs[0].VpcId already',
        `${eniAt}[1].NetworkInterfaceId: found "eni-1", expected each network interface once, and it is at ${eniAt}[0].NetworkInterfaceId already`,
      ],
    },
    {
      name: 'a bad connection tracking timeout',
      changes: interfaces({
        ConnectionTrackingConfiguration: { UdpTimeout: 0, TcpEstablishedTimeout: '60' },
      }),
      errors: [
        `${eniAt}[0].ConnectionTrackingConfiguration.TcpEstablishedTimeout: found "60", expected a whole number from 1 to 432000`,
        `${eniAt}[0].ConnectionTrackingConfiguration.UdpTimeout: found 0, expected a whole number from 1 to 432000`,
      ],
    },
    {
      name: 'a rule with an unknown protocol',
      changes: permission({ IpProtocol: 'sctp' }),
      errors: [
        `${ruleAt}.IpProtocol: found "sctp", expected -1, tcp, udp, icmp, icmpv6 or a protocol number from 0 to 255`,
      ],
    },
    {
      name: 'a rule with ports out of range',
      changes: permission({ IpProtocol: 'tcp', FromPort: -1, ToPort: 65_536 }),
      errors: [
        `${ruleAt}.FromPort: found -1, expected a whole number from 0 to 65535`,
        `${ruleAt}.ToPort: found 65536, expected a whole number from 0 to 65535`,
      ],
    },
    {
      name: 'a rule with ports the wrong way round',
      changes: permission({ IpProtocol: '17', FromPort: 53, ToPort: 52 }),
      errors: [`${ruleAt}.ToPort: found 52, expected a port not below FromPort 53`],
    },
    {
      name: 'a rule without ports',
      changes: permission({ IpProtocol: 'tcp', FromPort: 22 }),
      errors: [`${ruleAt}.ToPort: missing, expected a port from 0 to 65535`],
    },
    {
      name: 'a rule with an ICMP type out of range',
      changes: permission({ IpProtocol: 'icmp', FromPort: 256, ToPort: -1 }),
      errors: [`${ruleAt}.FromPort: found 256, expected a whole number from -1 to 255`],
    },
    {
      name: 'a rule with bad CIDR blocks',
      changes: permission({
        IpProtocol: '-1',
        IpRanges: [{ CidrIp: '10.0.0/8' }, { CidrIp: '::/0' }],
        Ipv6Ranges: [{ CidrIpv6: '::/129' }],
      }),
      errors: [
        `${ruleAt}.IpRanges[0].CidrIp: found "10.0.0/8", expected an IPv4 CIDR block such as 10.0.0.0/16`,
        `${ruleAt}.IpRanges[1].CidrIp: found "::/0", expected an IPv4 CIDR block such as 10.0.0.0/16`,
        `${ruleAt}.Ipv6Ranges[0].CidrIpv6: found "::/129", expected an IPv6 CIDR block such as 2001:db8::/56`,
      ],
    },
    {
      name: 'an ACL of an unknown VPC',
      changes: { 'NetworkAcls.json': { NetworkAcls: [{ ...acl, VpcId: 'vpc-9' }] } },
      errors: [
        'NetworkAcls.json: $.NetworkAcls[0].VpcId: found "vpc-9", expected a VPC that is in Vpcs.json',
      ],
    },
    {
      name: 'a subnet with two ACLs',
      changes: { 'NetworkAcls.json': { NetworkAcls: [acl, { ...acl, NetworkAclId: 'acl-2' }] } },
      errors: [
        'NetworkAcls.json: $.NetworkAcls[1].Associations[0].SubnetId: found "subnet-1", expected a subnet with one network ACL, and it has acl-1',
      ],
    },
    {
      name: 'bad ACL entries',
      changes: entries(
        { RuleNumber: 0, Egress: undefined, Protocol: 6, RuleAction: 'ALLOW', CidrBlock: undefined },
        { Protocol: '6' },
        { RuleNumber: 100, Protocol: '17', PortRange: { From: 70_000, To: 1 } },
        { RuleNumber: 101, Protocol: '1', IcmpTypeCode: { Type: 256, Code: -1 } },
      ),
      errors: [
        `${entryAt}[0].Protocol: found 6, expected -1, tcp, udp, icmp, icmpv6 or a protocol number from 0 to 255`,
        `${entryAt}[0].RuleAction: found "ALLOW", expected allow or deny`,
        `${entryAt}[0].CidrBlock: missing, expected a CIDR block, or Ipv6CidrBlock`,
        `${entryAt}[0].RuleNumber: found 0, expected a whole number from 1 to 32768`,
        `${entryAt}[0].Egress: missing, expected true or false`,
        `${entryAt}[1].PortRange: missing, expected From and To`,
        `${entryAt}[2].PortRange.From: found 70000, expected a whole number from 0 to 65535`,
        `${entryAt}[2].RuleNumber: found 100, expected each number once in a direction of a network ACL`,
        `${entryAt}[3].IcmpTypeCode.Type: found 256, expected a whole number from -1 to 255`,
      ],
    },
    {
      name: 'bad routes',
      changes: routes({ GatewayId: 'local' }, { DestinationCidrBlock: '10.0.0.0/33', GatewayId: 'a b' }),
      errors: [
        'RouteTables.json: $.RouteTables[0].Routes[0].DestinationCidrBlock: missing, expected a CIDR block, or one of its siblings',
        'RouteTables.json: $.RouteTables[0].Routes[1].DestinationCidrBlock: found "10.0.0.0/33", expected an IPv4 CIDR block such as 10.0.0.0/16',
        'RouteTables.json: $.RouteTables[0].Routes[1].GatewayId: found "a b", expected a text without spaces',
      ],
    },
    {
      name: 'bad security group rules',
      changes: {
        'SecurityGroupRules.json': { SecurityGroupRules: [{ IpProtocol: 'tcp', FromPort: 1, ToPort: 2 }] },
      },
      errors: [
        'SecurityGroupRules.json: $.SecurityGroupRules[0].SecurityGroupRuleId: missing, expected a security group rule id such as sgr-0123456789abcdef0',
        'SecurityGroupRules.json: $.SecurityGroupRules[0].GroupId: missing, expected a security group id such as sg-0123456789abcdef0',
        'SecurityGroupRules.json: $.SecurityGroupRules[0].IsEgress: missing, expected true or false',
      ],
    },
    {
      name: 'bad instances',
      changes: { 'Instances.json': { Reservations: [{ Instances: [{ Tags: [{ Value: 'x' }] }] }, 3] } },
      errors: [
        'Instances.json: $.Reservations[1]: found 3, expected an object',
        'Instances.json: $.Reservations[0].Instances[0].InstanceId: missing, expected an instance id such as i-0123456789abcdef0',
        'Instances.json: $.Reservations[0].Instances[0].Tags[0].Key: missing, expected a text',
      ],
    },
    {
      name: 'bad prefix lists',
      changes: {
        'ManagedPrefixListEntries/list.json': { Entries: [] },
        'ManagedPrefixListEntries/pl-1.json': { Entries: [{ Cidr: 'everything' }] },
        'ManagedPrefixListEntries/pl-2.json': {},
      },
      errors: [
        'ManagedPrefixListEntries: found "list.json", expected files named after a prefix list id such as pl-0123456789abcdef0',
        'ManagedPrefixListEntries/pl-1.json: $.Entries[0].Cidr: found "everything", expected a CIDR block such as 10.0.0.0/16',
        'ManagedPrefixListEntries/pl-2.json: $.Entries: missing, expected a list',
      ],
    },
  ])('lists what is wrong: $name', ({ changes, errors }) => {
    expect(errorsOf(folderOf(files(changes)))).toEqual(errors);
  });

  it('says how many errors there are, and lists a bounded number', () => {
    const many = Array.from({ length: 1500 }, () => ({ ...vpc, VpcId: 'x' }));
    const folder = folderOf(files({ 'Vpcs.json': { Vpcs: [vpc, ...many] } }));
    expect(() => loadNetwork(folder)).toThrow(`${folder}: 1500 errors in the network's files`);
    const errors = errorsOf(folder);
    expect(errors).toHaveLength(1001);
    expect(errors.at(-1)).toBe('… 500 more errors');
  });

  it('refuses a file that is too large, and what is no file', () => {
    const folder = folderOf(files({ 'Subnets.json/x': '', 'Subnets.json': undefined }));
    truncateSync(path.join(folder, 'Vpcs.json'), 257 * 2 ** 20);
    expect(errorsOf(folder)).toEqual([
      'Vpcs.json: found 257 MiB, expected at most 256 MiB',
      'Subnets.json: not a file, expected a JSON file',
    ]);
  });

  it('refuses a folder that is not there', () => {
    const folder = path.join(folderOf({}), 'nowhere');
    expect(() => loadNetwork(folder)).toThrow(`${folder}: no such folder`);
  });

  it.each([
    {
      name: 'unknown groups, each once',
      changes: permission({
        IpProtocol: '-1',
        UserIdGroupPairs: [{ GroupId: 'sg-8' }, { GroupId: 'sg-9' }, { GroupId: 'sg-8' }],
      }),
      warnings: [
        `${ruleAt}.UserIdGroupPairs[0].GroupId: sg-8 is not in SecurityGroups.json: the rule matches nobody`,
        `${ruleAt}.UserIdGroupPairs[1].GroupId: sg-9 is not in SecurityGroups.json: the rule matches nobody`,
      ],
    },
    {
      name: 'unknown prefix lists',
      changes: {
        ...permission({ IpProtocol: '-1', PrefixListIds: [{ PrefixListId: 'pl-9' }] }),
        ...routes({ DestinationPrefixListId: 'pl-9', GatewayId: 'vpce-1' }),
      },
      warnings: [
        `${ruleAt}.PrefixListIds[0].PrefixListId: pl-9 is not in ManagedPrefixListEntries/pl-9.json: the rule or route matches nothing`,
      ],
    },
    {
      name: 'a blackhole',
      changes: routes({ DestinationIpv6CidrBlock: '::/0', NatGatewayId: 'nat-1', State: 'blackhole' }),
      warnings: ['RouteTables.json: $.RouteTables[0].Routes[0]: the route to "::/0" is a blackhole'],
    },
    {
      name: 'owners',
      changes: { 'Subnets.json': { Subnets: [{ ...subnet, OwnerId: '210987654321' }] } },
      warnings: [
        'owners differ: 123456789012 (Vpcs.json), 210987654321 (Subnets.json); account-id is the OwnerId of the network interface',
      ],
    },
    {
      name: 'a subnet that takes the default network ACL',
      changes: { 'NetworkAcls.json': { NetworkAcls: [{ ...acl, Associations: [] }] } },
      warnings: [
        'Subnets.json: $.Subnets[0].SubnetId: no network ACL is associated with subnet-1: the default one of its VPC, acl-1, is taken',
      ],
    },
    {
      name: 'a subnet without network ACL',
      changes: { 'NetworkAcls.json': { NetworkAcls: [] } },
      warnings: [
        'Subnets.json: $.Subnets[0].SubnetId: no network ACL is associated with subnet-1: everything passes there',
      ],
    },
    {
      name: 'a MAC address given twice',
      changes: interfaces(
        {},
        { NetworkInterfaceId: 'eni-2', PrivateIpAddress: '10.0.1.6', PrivateIpAddresses: [] },
      ),
      warnings: [
        `${eniAt}[1].MacAddress: eni-1 has 02:00:00:00:00:01 too: by MAC address the last one is found`,
      ],
    },
    {
      name: 'nothing: a subnet outside its VPC',
      changes: { 'Subnets.json': { Subnets: [{ ...subnet, CidrBlock: '192.168.0.0/24' }] } },
      warnings: [],
    },
    {
      name: 'nothing: one address in two VPCs',
      changes: {
        'Vpcs.json': { Vpcs: [vpc, { ...vpc, VpcId: 'vpc-2' }] },
        'Subnets.json': { Subnets: [subnet, { ...subnet, SubnetId: 'subnet-2', VpcId: 'vpc-2' }] },
        'NetworkAcls.json': {
          NetworkAcls: [{ ...acl, Associations: [{ SubnetId: 'subnet-1' }, { SubnetId: 'subnet-2' }] }],
        },
        ...interfaces(
          {},
          { NetworkInterfaceId: 'eni-2', VpcId: 'vpc-2', SubnetId: 'subnet-2', MacAddress: undefined },
        ),
      },
      warnings: [],
    },
  ])('warns of $name', ({ changes, warnings }) => {
    expect(loadNetwork(folderOf(files(changes))).warnings).toEqual(warnings);
  });

  it('is not misled by members that every object has', () => {
    const hostile = '{"Vpcs":[{"__proto__":{"VpcId":"vpc-1"}}]}';
    expect(errorsOf(folderOf(files({ 'Vpcs.json': hostile })))[0]).toBe(
      'Vpcs.json: $.Vpcs[0].VpcId: missing, expected a VPC id such as vpc-0123456789abcdef0',
    );
  });
});

describe('networkAclOf', () => {
  it.each([
    { name: 'the associated one', acls: [{ ...acl, IsDefault: false }], expected: 'acl-1' },
    { name: 'the default one', acls: [{ ...acl, Associations: [] }], expected: 'acl-1' },
    { name: 'none', acls: [{ ...acl, Associations: [], IsDefault: false }], expected: undefined },
  ])('$name', ({ acls, expected }) => {
    const { network } = loadNetwork(folderOf(files({ 'NetworkAcls.json': { NetworkAcls: acls } })));
    expect(networkAclOf(network, 'subnet-1')?.NetworkAclId).toBe(expected);
  });
});
