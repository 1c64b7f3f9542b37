import type { Kind } from '../../../src/resource/index.ts';
import * as vpc from '../../../src/vpc/index.ts';
import type { OpenedEc2 } from '../../open-ec2.ts';

// biome-ignore lint/suspicious/noExplicitAny: looked at by its members, as a user of the answers does
export type Item = any;

/** Kinds by the prefix of their ids. */
export const kinds = {
  vpc: vpc.vpcs,
  subnet: vpc.subnets,
  eni: vpc.networkInterfaces,
  sg: vpc.securityGroups,
  sgr: vpc.securityGroupRules,
  acl: vpc.networkAcls,
  rtb: vpc.routeTables,
  igw: vpc.internetGateways,
  eigw: vpc.egressOnlyInternetGateways,
  nat: vpc.natGateways,
  eipalloc: vpc.addresses,
  pl: vpc.prefixLists,
  i: vpc.instances,
} as const;
export type Prefix = keyof typeof kinds;

/** What there is at one place, and picks of it; without any, an id that nobody has. */
export class Seen {
  readonly #at: OpenedEc2;

  constructor(at: OpenedEc2) {
    this.#at = at;
  }

  all(prefix: Prefix): (readonly [string, Item])[] {
    return [...this.#at.resources.entries(kinds[prefix] as Kind<Item>, this.#at.place)];
  }

  id(prefix: Prefix, n: number): string {
    const all = this.all(prefix);
    return all.length === 0 ? `${prefix}-00000000000000000` : all[n % all.length][0];
  }

  /** A member of what is listed within resources: `Associations` of route tables. */
  inner(prefix: Prefix, list: string, member: string, n: number): string {
    const all = this.all(prefix).flatMap(([, item]) => item[list] ?? []);
    return all.length === 0 ? 'none' : all[n % all.length][member];
  }
}

export type Request = readonly [action: string, input: object];
export type Maker = (s: Seen, a: number, b: number, c: number) => Request;

const blocks = ['10.0.0.0/16', '10.1.0.0/16', '100.64.0.0/20', '10.2.0.0/24', '10.3.0.0/28'];
const subnetBlocks = [
  '10.0.0.0/28',
  '10.0.1.0/24',
  '10.1.0.0/28',
  '10.0.0.0/24',
  '100.64.0.0/28',
  '10.2.0.0/25',
];
const routeBlocks = ['0.0.0.0/0', '10.1.0.0/16', '10.0.1.0/24', '192.168.0.0/16', '100.64.0.0/20'];
const protocols = ['tcp', '17', '-1', 'icmp', '58', '47'];

function permission(s: Seen, a: number, b: number): object {
  const peers = [
    { IpRanges: [{ CidrIp: `10.${b % 3}.0.1/16` }] },
    { Ipv6Ranges: [{ CidrIpv6: '::/0', Description: `of ${b}` }] },
    { UserIdGroupPairs: [{ GroupId: s.id('sg', b) }] },
    { PrefixListIds: [{ PrefixListId: s.id('pl', b) }] },
  ];
  return { IpProtocol: protocols[a % 6], FromPort: a % 4, ToPort: 5, ...peers[b % 4] };
}

function routeTarget(s: Seen, n: number): object {
  const targets = [
    { GatewayId: s.id('igw', n) },
    { NatGatewayId: s.id('nat', n) },
    { NetworkInterfaceId: s.id('eni', n) },
    { InstanceId: s.id('i', n) },
  ];
  return targets[n % 4];
}

function destination(s: Seen, n: number): object {
  return n % 6 === 5
    ? { DestinationPrefixListId: s.id('pl', n) }
    : { DestinationCidrBlock: routeBlocks[n % 5] };
}

export const makers: readonly Maker[] = [
  (_s, a, b) => ['CreateVpc', { CidrBlock: blocks[a % 5], AmazonProvidedIpv6CidrBlock: b % 2 === 0 }],
  (s, a, b) => ['AssociateVpcCidrBlock', { VpcId: s.id('vpc', a), CidrBlock: blocks[b % 5] }],
  (s, a) => ['AssociateVpcCidrBlock', { VpcId: s.id('vpc', a), AmazonProvidedIpv6CidrBlock: true }],
  (s, a) => [
    'DisassociateVpcCidrBlock',
    { AssociationId: s.inner('vpc', 'CidrBlockAssociationSet', 'AssociationId', a) },
  ],
  (s, a) => [
    'DisassociateVpcCidrBlock',
    { AssociationId: s.inner('vpc', 'Ipv6CidrBlockAssociationSet', 'AssociationId', a) },
  ],
  (s, a, b) => ['CreateSubnet', { VpcId: s.id('vpc', a), CidrBlock: subnetBlocks[b % 6] }],
  (s, a, b) => ['CreateSubnet', { VpcId: s.id('vpc', a), CidrBlock: subnetBlocks[b % 6] }],
  (s, a) => [
    'AssociateSubnetCidrBlock',
    {
      SubnetId: s.id('subnet', a),
      Ipv6CidrBlock: s
        .inner('vpc', 'Ipv6CidrBlockAssociationSet', 'Ipv6CidrBlock', a)
        .replace('/56', `/${a % 2 ? 64 : 60}`),
    },
  ],
  (s, a) => [
    'DisassociateSubnetCidrBlock',
    { AssociationId: s.inner('subnet', 'Ipv6CidrBlockAssociationSet', 'AssociationId', a) },
  ],
  (s, a, b, c) => [
    'CreateNetworkInterface',
    {
      SubnetId: s.id('subnet', a),
      SecondaryPrivateIpAddressCount: b % 3,
      ...(c % 3 === 0 ? { Groups: [s.id('sg', b), s.id('sg', c)] } : {}),
      ...(c % 4 === 1 ? { Ipv6AddressCount: 1 } : {}),
    },
  ],
  (s, a, b, c) => [
    'AssignPrivateIpAddresses',
    {
      NetworkInterfaceId: s.id('eni', a),
      ...(b % 2
        ? { SecondaryPrivateIpAddressCount: c % 4 }
        : {
            PrivateIpAddresses: [s.inner('eni', 'PrivateIpAddresses', 'PrivateIpAddress', c)],
            AllowReassignment: true,
          }),
    },
  ],
  (s, a, b) => [
    'UnassignPrivateIpAddresses',
    {
      NetworkInterfaceId: s.id('eni', a),
      PrivateIpAddresses: [s.inner('eni', 'PrivateIpAddresses', 'PrivateIpAddress', b)],
    },
  ],
  (s, a, b) => ['AssignIpv6Addresses', { NetworkInterfaceId: s.id('eni', a), Ipv6AddressCount: b % 3 }],
  (s, a, b) => [
    'UnassignIpv6Addresses',
    {
      NetworkInterfaceId: s.id('eni', a),
      Ipv6Addresses: [s.inner('eni', 'Ipv6Addresses', 'Ipv6Address', b)],
    },
  ],
  (s, a, b, c) => [
    'ModifyNetworkInterfaceAttribute',
    { NetworkInterfaceId: s.id('eni', a), Groups: [s.id('sg', b), s.id('sg', c)] },
  ],
  (s, a, b, c) => [
    'RunInstances',
    {
      ImageId: 'ami-12345678',
      MinCount: 1,
      MaxCount: 1 + (b % 9),
      ...(c % 3 === 0
        ? {
            NetworkInterfaces: [
              { DeviceIndex: 0, NetworkInterfaceId: s.id('eni', a) },
              {
                DeviceIndex: 1,
                ...(b % 2 ? { NetworkInterfaceId: s.id('eni', b) } : { SubnetId: s.id('subnet', b) }),
              },
            ],
            MaxCount: 1,
          }
        : { SubnetId: s.id('subnet', a) }),
    },
  ],
  (s, a) => ['TerminateInstances', { InstanceIds: [s.id('i', a)] }],
  (s, a) => ['StopInstances', { InstanceIds: [s.id('i', a)] }],
  (s, a) => ['StartInstances', { InstanceIds: [s.id('i', a)] }],
  (s, a, b) => [
    'AttachNetworkInterface',
    { NetworkInterfaceId: s.id('eni', a), InstanceId: s.id('i', b), DeviceIndex: 1 + (a % 3) },
  ],
  (s, a) => {
    const attached = s.all('eni').flatMap(([, one]) => one.Attachment?.AttachmentId ?? []);
    return ['DetachNetworkInterface', { AttachmentId: attached[a % Math.max(1, attached.length)] ?? 'none' }];
  },
  () => ['CreateInternetGateway', {}],
  (s, a, b) => ['AttachInternetGateway', { InternetGatewayId: s.id('igw', a), VpcId: s.id('vpc', b) }],
  (s, a, b) => ['DetachInternetGateway', { InternetGatewayId: s.id('igw', a), VpcId: s.id('vpc', b) }],
  (s, a) => ['CreateEgressOnlyInternetGateway', { VpcId: s.id('vpc', a) }],
  (s, a, b) => [
    'CreateNatGateway',
    b % 2
      ? { SubnetId: s.id('subnet', a), ConnectivityType: 'private' }
      : { SubnetId: s.id('subnet', a), AllocationId: s.id('eipalloc', b) },
  ],
  () => ['AllocateAddress', {}],
  (s, a, b) => [
    'AssociateAddress',
    { AllocationId: s.id('eipalloc', a), NetworkInterfaceId: s.id('eni', b) },
  ],
  (s, a) => {
    const associated = s.all('eipalloc').flatMap(([, one]) => one.AssociationId ?? []);
    return [
      'DisassociateAddress',
      { AssociationId: associated[a % Math.max(1, associated.length)] ?? 'none' },
    ];
  },
  (s, a) => ['CreateRouteTable', { VpcId: s.id('vpc', a) }],
  (s, a, b, c) => [
    'CreateRoute',
    { RouteTableId: s.id('rtb', a), ...destination(s, b), ...routeTarget(s, c) },
  ],
  (s, a, b, c) => [
    'ReplaceRoute',
    {
      RouteTableId: s.id('rtb', a),
      ...destination(s, b),
      ...(c % 5 ? routeTarget(s, c) : { LocalTarget: true }),
    },
  ],
  (s, a, b, c) => [
    'CreateRoute',
    { RouteTableId: s.id('rtb', a), ...destination(s, b), GatewayId: s.id('igw', c) },
  ],
  (s, a, b) => ['DeleteRoute', { RouteTableId: s.id('rtb', a), ...destination(s, b) }],
  (s, a, b, c) => [
    'AssociateRouteTable',
    {
      RouteTableId: s.id('rtb', a),
      ...(c % 5 ? { SubnetId: s.id('subnet', b) } : { GatewayId: s.id('igw', b) }),
    },
  ],
  (s, a) => [
    'DisassociateRouteTable',
    { AssociationId: s.inner('rtb', 'Associations', 'RouteTableAssociationId', a) },
  ],
  (s, a, b) => [
    'ReplaceRouteTableAssociation',
    {
      AssociationId: s.inner('rtb', 'Associations', 'RouteTableAssociationId', a),
      RouteTableId: s.id('rtb', b),
    },
  ],
  (s, a) => ['CreateNetworkAcl', { VpcId: s.id('vpc', a) }],
  (s, a, b) => [
    'ReplaceNetworkAclAssociation',
    {
      AssociationId: s.inner('acl', 'Associations', 'NetworkAclAssociationId', a),
      NetworkAclId: s.id('acl', b),
    },
  ],
  (s, a, b, c) => [
    c % 3 ? 'CreateNetworkAclEntry' : 'ReplaceNetworkAclEntry',
    {
      NetworkAclId: s.id('acl', a),
      RuleNumber: 1 + (b % 4),
      RuleAction: c % 2 ? 'allow' : 'deny',
      Egress: c % 4 < 2,
      Protocol: protocols[c % 6],
      PortRange: { From: b, To: 80 },
      IcmpTypeCode: { Type: -1, Code: -1 },
      ...(c % 5 ? { CidrBlock: '10.0.0.1/8' } : { Ipv6CidrBlock: '2001:db8::1/32' }),
    },
  ],
  (s, a, b, c) => [
    'DeleteNetworkAclEntry',
    { NetworkAclId: s.id('acl', a), RuleNumber: b % 2 ? 1 + (c % 4) : 100, Egress: c % 2 === 0 },
  ],
  (s, a, b) => [
    'CreateSecurityGroup',
    { VpcId: s.id('vpc', a), GroupName: `g${b}`, Description: 'of a test' },
  ],
  (s, a, b, c) => [
    c % 2 ? 'AuthorizeSecurityGroupIngress' : 'AuthorizeSecurityGroupEgress',
    { GroupId: s.id('sg', a), IpPermissions: [permission(s, b, c)] },
  ],
  (s, a, b, c) => [
    c % 2 ? 'RevokeSecurityGroupIngress' : 'RevokeSecurityGroupEgress',
    { GroupId: s.id('sg', a), IpPermissions: [permission(s, b, c)] },
  ],
  (s, a, b) => {
    const [id, rule] = s.all('sgr')[a % Math.max(1, s.all('sgr').length)] ?? ['sgr-00000000000000000', {}];
    const action = rule.IsEgress ? 'RevokeSecurityGroupEgress' : 'RevokeSecurityGroupIngress';
    return [action, { GroupId: rule.GroupId ?? s.id('sg', b), SecurityGroupRuleIds: [id] }];
  },
  (s, a, b) => {
    const [id, rule] = s.all('sgr')[a % Math.max(1, s.all('sgr').length)] ?? ['sgr-00000000000000000', {}];
    const SecurityGroupRule = { IpProtocol: 'tcp', FromPort: b, ToPort: 90, CidrIpv4: '10.9.0.0/16' };
    const SecurityGroupRules = [{ SecurityGroupRuleId: id, SecurityGroupRule }];
    return ['ModifySecurityGroupRules', { GroupId: rule.GroupId ?? s.id('sg', b), SecurityGroupRules }];
  },
  (_s, a) => [
    'CreateManagedPrefixList',
    { PrefixListName: 'l', MaxEntries: 3, AddressFamily: 'IPv4', Entries: [{ Cidr: `10.${a % 2}.0.0/16` }] },
  ],
  (s, a, b, c) => {
    const [PrefixListId, list] = s.all('pl')[a % Math.max(1, s.all('pl').length)] ?? [];
    const AddEntries = [{ Cidr: `10.${b % 3}.0.0/16` }];
    const RemoveEntries = c % 2 ? [{ Cidr: `10.${c % 3}.0.0/16` }] : [];
    return [
      'ModifyManagedPrefixList',
      { PrefixListId, CurrentVersion: list?.Version, AddEntries, RemoveEntries },
    ];
  },
];

/** How each kind is deleted. */
export const deletions: Readonly<Partial<Record<Prefix, (id: string) => Request>>> = {
  i: (id) => ['TerminateInstances', { InstanceIds: [id] }],
  nat: (id) => ['DeleteNatGateway', { NatGatewayId: id }],
  eni: (id) => ['DeleteNetworkInterface', { NetworkInterfaceId: id }],
  eipalloc: (id) => ['ReleaseAddress', { AllocationId: id }],
  sg: (id) => ['DeleteSecurityGroup', { GroupId: id }],
  acl: (id) => ['DeleteNetworkAcl', { NetworkAclId: id }],
  rtb: (id) => ['DeleteRouteTable', { RouteTableId: id }],
  igw: (id) => ['DeleteInternetGateway', { InternetGatewayId: id }],
  eigw: (id) => ['DeleteEgressOnlyInternetGateway', { EgressOnlyInternetGatewayId: id }],
  subnet: (id) => ['DeleteSubnet', { SubnetId: id }],
  pl: (id) => ['DeleteManagedPrefixList', { PrefixListId: id }],
  vpc: (id) => ['DeleteVpc', { VpcId: id }],
};
export const deleted = Object.keys(deletions) as (keyof typeof deletions & Prefix)[];
export const deleters: readonly Maker[] = deleted.map(
  (prefix) => (s, a) => deletions[prefix]!(s.id(prefix, a)),
);
