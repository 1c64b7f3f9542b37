import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ServiceError } from '../../../src/fault/index.ts';
import type { Kind } from '../../../src/resource/index.ts';
import * as vpc from '../../../src/vpc/index.ts';
import { loadNetwork, networkOf, writeNetwork } from '../../../src/vpc/index.ts';
import { OpenedEc2 } from '../../open-ec2.ts';
import { TestGate } from '../../policy/fixtures.ts';
import { runs } from '../../runs.ts';

// biome-ignore lint/suspicious/noExplicitAny: looked at by its members, as a user of the answers does
type Item = any;

/** Kinds by the prefix of their ids; addresses by their allocation ids. */
const kinds = {
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
type Prefix = keyof typeof kinds;

let ec2: OpenedEc2;
let account = 0;
beforeAll(async () => {
  ec2 = await OpenedEc2.open();
});
afterAll(() => ec2.close());

/** What there is at one place, and picks of it; without any, an id that nobody has. */
class Seen {
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

type Request = readonly [action: string, input: object];
type Maker = (s: Seen, a: number, b: number, c: number) => Request;

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

const makers: readonly Maker[] = [
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
      MaxCount: 1 + (b % 2),
      ...(c % 3 === 0
        ? { NetworkInterfaces: [{ DeviceIndex: 0, NetworkInterfaceId: s.id('eni', a) }], MaxCount: 1 }
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

/** Two networks, one with IPv6, so that most requests find something. */
async function putNetworks(at: OpenedEc2): Promise<void> {
  const s = new Seen(at);
  for (const [n, CidrBlock] of ['10.0.0.0/16', '10.1.0.0/16'].entries()) {
    const { VpcId } = (await at.run('CreateVpc', { CidrBlock, AmazonProvidedIpv6CidrBlock: n === 0 })).Vpc;
    const [, { Ipv6CidrBlockAssociationSet }] = s.all('vpc')[n];
    const Ipv6CidrBlock = Ipv6CidrBlockAssociationSet[0]?.Ipv6CidrBlock.replace('/56', '/64');
    const block = CidrBlock.replace('/16', '/28');
    const { SubnetId } = (await at.run('CreateSubnet', { VpcId, CidrBlock: block, Ipv6CidrBlock })).Subnet;
    const { InternetGatewayId } = (await at.run('CreateInternetGateway')).InternetGateway;
    await at.run('AttachInternetGateway', { InternetGatewayId, VpcId });
    await at.run('CreateSecurityGroup', { VpcId, GroupName: 'g', Description: 'of a test' });
    await at.run('CreateNetworkInterface', { SubnetId });
    await at.run('AllocateAddress');
  }
}

/** How each kind is deleted. */
const deletions: Readonly<Partial<Record<Prefix, (id: string) => Request>>> = {
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
const deleted = Object.keys(deletions) as (keyof typeof deletions & Prefix)[];
const deleters: readonly Maker[] = deleted.map((prefix) => (s, a) => deletions[prefix]!(s.id(prefix, a)));

/** Whether it was answered; anything but a refusal of EC2's is a fault. */
async function isAnswered(at: OpenedEc2, [action, input]: Request): Promise<boolean> {
  try {
    await at.run(action, input);
    return true;
  } catch (error) {
    if (error instanceof ServiceError) return false;
    throw error;
  }
}

const idPattern = new RegExp(`^(${Object.keys(kinds).join('|')})-[0-9a-f]{17}$`);

/** All ids in a resource, with where they are. */
function* idsIn(value: unknown, at: string): Generator<readonly [string, string]> {
  if (typeof value === 'string') {
    if (idPattern.test(value)) yield [value, at];
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) yield* idsIn(member, `${at}.${name}`);
  }
}

/** Nothing refers to what is gone, but routes that have become black holes and what has ended itself. */
function checkReferences(s: Seen): void {
  const there = new Set(
    (Object.keys(kinds) as Prefix[]).flatMap((prefix) => s.all(prefix).map(([id]) => id)),
  );
  for (const prefix of Object.keys(kinds) as Prefix[]) {
    for (const [id, item] of s.all(prefix)) {
      const hasEnded = ['deleted', 'failed'].includes(item.State) || item.State?.Name === 'terminated';
      const kept = prefix !== 'rtb' ? item : { ...item, Routes: item.Routes.filter(isActive) };
      const gone = hasEnded ? [] : [...idsIn(kept, id)].filter(([named]) => !there.has(named));
      expect(gone).toEqual([]);
    }
  }
}

const isActive = ({ State }: Item) => State === 'active';

function checkUnique(values: readonly string[]): void {
  expect(values.filter((value, i) => values.indexOf(value) !== i)).toEqual([]);
}

function checkAddresses(s: Seen): void {
  const interfaces = s.all('eni').map(([, one]) => one);
  checkUnique(
    interfaces.flatMap((one) =>
      [
        ...one.PrivateIpAddresses.map(({ PrivateIpAddress }: Item) => PrivateIpAddress),
        ...one.Ipv6Addresses.map(({ Ipv6Address }: Item) => Ipv6Address),
      ].map((address) => `${one.VpcId} ${address}`),
    ),
  );
  for (const { PrivateIpAddress, PrivateIpAddresses } of interfaces) {
    expect(PrivateIpAddress).toBe(PrivateIpAddresses.find(({ Primary }: Item) => Primary)?.PrivateIpAddress);
  }
}

function checkTables(s: Seen): void {
  for (const [id, { Routes, Associations }] of s.all('rtb')) {
    checkUnique(
      Routes.map(
        (route: Item) =>
          `${id} ${route.DestinationCidrBlock ?? route.DestinationIpv6CidrBlock ?? route.DestinationPrefixListId}`,
      ),
    );
    for (const { RouteTableId } of Associations) expect(RouteTableId).toBe(id);
  }
  const associations = s.all('rtb').flatMap(([, { Associations }]) => Associations);
  checkUnique(associations.flatMap(({ SubnetId, GatewayId }) => SubnetId ?? GatewayId ?? []));
  checkUnique(
    s.all('acl').flatMap(([, { Associations }]) => Associations.map(({ SubnetId }: Item) => SubnetId)),
  );
}

/** What capture judges by: it compiles, and is a network as `--vpc` reads one. */
function checkNetwork(at: OpenedEc2): void {
  const network = networkOf(at.resources, at.place);
  new TestGate(network);
  if (network.vpcs.length === 0) return;
  const folder = mkdtempSync(path.join(tmpdir(), 'headgate-network-'));
  try {
    writeNetwork(folder, network);
    const { warnings } = loadNetwork(folder);
    expect(warnings.filter((warning) => !warning.endsWith('is a blackhole'))).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function checkAll(at: OpenedEc2): void {
  const s = new Seen(at);
  checkReferences(s);
  checkAddresses(s);
  checkTables(s);
  checkNetwork(at);
}

/** What stands in the way of deletions, and is taken away first: nothing else may. */
async function loosen(at: OpenedEc2): Promise<void> {
  const s = new Seen(at);
  for (const [id, { GroupId, IsEgress }] of s.all('sgr')) {
    const action = IsEgress ? 'RevokeSecurityGroupEgress' : 'RevokeSecurityGroupIngress';
    await at.run(action, { GroupId, SecurityGroupRuleIds: [id] });
  }
  for (const { Main, RouteTableAssociationId } of s.all('rtb').flatMap(([, table]) => table.Associations)) {
    if (!Main) await at.run('DisassociateRouteTable', { AssociationId: RouteTableAssociationId });
  }
  for (const [InternetGatewayId, { Attachments }] of s.all('igw')) {
    for (const { VpcId } of Attachments) {
      await isAnswered(at, ['DetachInternetGateway', { InternetGatewayId, VpcId }]);
    }
  }
  for (const [, { AssociationId }] of s.all('eipalloc')) {
    if (AssociationId) await isAnswered(at, ['DisassociateAddress', { AssociationId }]);
  }
}

/** In any order, as often as something goes. */
async function deleteAll(at: OpenedEc2, first: number): Promise<void> {
  const s = new Seen(at);
  const order = deleted.map((_, i) => deleted[(i + first) % deleted.length]);
  const count = () => deleted.reduce((sum, prefix) => sum + s.all(prefix).length, 0);
  for (let before = Number.POSITIVE_INFINITY; count() < before; ) {
    before = count();
    await loosen(at);
    for (const prefix of order) {
      for (const [id] of s.all(prefix)) await isAnswered(at, deletions[prefix]!(id));
    }
  }
}

it('any requests leave a network that is judged by, and that can be taken away', async () => {
  const step = fc.tuple(fc.nat(999), fc.nat(59), fc.nat(59), fc.nat(59));
  const steps = fc.array(step, { minLength: 40, maxLength: 160, size: 'max' });
  const answered = new Set<string>();
  await fc.assert(
    fc.asyncProperty(steps, fc.nat(11), async (all, first) => {
      const at = ec2.at({ accountId: String(200_000_000_000 + account++) });
      const s = new Seen(at);
      await putNetworks(at);
      for (const [n, a, b, c] of all) {
        const from = n % 12 === 0 ? deleters : makers;
        const request = from[Math.floor(n / 12) % from.length](s, a, b, c);
        if (await isAnswered(at, request)) answered.add(request[0]);
      }
      checkAll(at);
      await deleteAll(at, first);
      const left = (Object.keys(kinds) as Prefix[]).flatMap((prefix) => s.all(prefix));
      const isOver = ([, { State }]: Item) =>
        State === 'deleted' || State === 'failed' || State?.Name === 'terminated';
      expect(left.filter((entry) => !isOver(entry))).toEqual([]);
    }),
    { numRuns: runs(12, 1000) },
  );
  console.log(Object.fromEntries(answered), [...new Set([...makers, ...deleters])].length);
  expect(answered.size).toBeGreaterThan(30);
}, 600_000);
