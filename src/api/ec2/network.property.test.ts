import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { OpenedEc2 } from '../../../test/open-ec2.ts';
import { ServiceError } from '../../fault/index.ts';
import { type Prefix, parsePrefix, prefixContains } from '../../ip/index.ts';

// biome-ignore lint/suspicious/noExplicitAny: looked at by its members, as a user of the answers does
type Item = any;

/** What there is at one place, as its users see it. */
interface Seen {
  readonly [list: string]: readonly Item[];
}

const lists = {
  DescribeVpcs: 'Vpcs',
  DescribeSubnets: 'Subnets',
  DescribeRouteTables: 'RouteTables',
  DescribeInternetGateways: 'InternetGateways',
  DescribeEgressOnlyInternetGateways: 'EgressOnlyInternetGateways',
  DescribeNatGateways: 'NatGateways',
  DescribeAddresses: 'Addresses',
  DescribeNetworkInterfaces: 'NetworkInterfaces',
  DescribeNetworkAcls: 'NetworkAcls',
  DescribeSecurityGroups: 'SecurityGroups',
} as const;

let ec2: OpenedEc2;
let run = 0;
beforeAll(async () => {
  ec2 = await OpenedEc2.open();
});
afterAll(() => ec2.close());

async function seen(at: OpenedEc2): Promise<Seen> {
  const found: Record<string, Item[]> = {};
  for (const [action, list] of Object.entries(lists)) found[list] = (await at.run(action))[list];
  return found;
}

/** One of a list, by a number; undefined of an empty one: then the action refuses. */
const one = (items: readonly Item[], n: number, member: string): string | undefined =>
  items.length === 0 ? undefined : items[n % items.length][member];

type Step = readonly [action: number, a: number, b: number];
type Action = (s: Seen, a: number, b: number) => readonly [string, object];

const actions: readonly Action[] = [
  (_s, a) => ['CreateVpc', { CidrBlock: `10.${a % 3}.0.0/16`, AmazonProvidedIpv6CidrBlock: a % 2 === 0 }],
  (s, a, b) => [
    'CreateSubnet',
    { VpcId: one(s.Vpcs, a, 'VpcId'), CidrBlock: `10.${a % 3}.${b % 4}.0/${b % 2 ? 24 : 23}` },
  ],
  (s, a, b) => [
    'CreateNetworkInterface',
    { SubnetId: one(s.Subnets, a, 'SubnetId'), SecondaryPrivateIpAddressCount: b % 2 },
  ],
  () => ['CreateInternetGateway', {}],
  (s, a, b) => [
    'AttachInternetGateway',
    {
      InternetGatewayId: one(s.InternetGateways, a, 'InternetGatewayId'),
      VpcId: one(s.Vpcs, b, 'VpcId'),
    },
  ],
  (s, a, b) => [
    'DetachInternetGateway',
    {
      InternetGatewayId: one(s.InternetGateways, a, 'InternetGatewayId'),
      VpcId: one(s.Vpcs, b, 'VpcId'),
    },
  ],
  (s, a, b) => [
    'CreateNatGateway',
    b % 2
      ? { SubnetId: one(s.Subnets, a, 'SubnetId'), ConnectivityType: 'private' }
      : { SubnetId: one(s.Subnets, a, 'SubnetId'), AllocationId: one(s.Addresses, b, 'AllocationId') },
  ],
  (s, a) => ['DeleteNatGateway', { NatGatewayId: one(s.NatGateways, a, 'NatGatewayId') }],
  () => ['AllocateAddress', {}],
  (s, a, b) => [
    'AssociateAddress',
    {
      AllocationId: one(s.Addresses, a, 'AllocationId'),
      NetworkInterfaceId: one(s.NetworkInterfaces, b, 'NetworkInterfaceId'),
    },
  ],
  (s, a) => ['DisassociateAddress', { AssociationId: one(s.Addresses, a, 'AssociationId') }],
  (s, a) => ['ReleaseAddress', { AllocationId: one(s.Addresses, a, 'AllocationId') }],
  (s, a) => ['CreateRouteTable', { VpcId: one(s.Vpcs, a, 'VpcId') }],
  (s, a, b) => [
    'CreateRoute',
    {
      RouteTableId: one(s.RouteTables, a, 'RouteTableId'),
      DestinationCidrBlock: `192.168.${b % 5}.0/24`,
      ...targetOf(s, b),
    },
  ],
  (s, a, b) => [
    'DeleteRoute',
    { RouteTableId: one(s.RouteTables, a, 'RouteTableId'), DestinationCidrBlock: `192.168.${b % 5}.0/24` },
  ],
  (s, a, b) => [
    'AssociateRouteTable',
    { RouteTableId: one(s.RouteTables, a, 'RouteTableId'), SubnetId: one(s.Subnets, b, 'SubnetId') },
  ],
  (s, a) => ['CreateEgressOnlyInternetGateway', { VpcId: one(s.Vpcs, a, 'VpcId') }],
  (s, a) => [
    'DeleteNetworkInterface',
    { NetworkInterfaceId: one(s.NetworkInterfaces, a, 'NetworkInterfaceId') },
  ],
  (s, a) => ['DeleteSubnet', { SubnetId: one(s.Subnets, a, 'SubnetId') }],
  (s, a) => ['DeleteRouteTable', { RouteTableId: one(s.RouteTables, a, 'RouteTableId') }],
  (s, a) => ['DeleteInternetGateway', { InternetGatewayId: one(s.InternetGateways, a, 'InternetGatewayId') }],
  (s, a) => ['DeleteVpc', { VpcId: one(s.Vpcs, a, 'VpcId') }],
  (s, a) => ['AssociateVpcCidrBlock', { VpcId: one(s.Vpcs, a, 'VpcId'), CidrBlock: `10.${a % 5}.0.0/16` }],
];

function targetOf(s: Seen, n: number): object {
  const targets = [
    { GatewayId: one(s.InternetGateways, n, 'InternetGatewayId') },
    { NatGatewayId: one(s.NatGateways, n, 'NatGatewayId') },
    { NetworkInterfaceId: one(s.NetworkInterfaces, n, 'NetworkInterfaceId') },
  ];
  return targets[n % targets.length];
}

/** What any sequence of answered and refused requests keeps. */
function checkNetwork(s: Seen): void {
  const all = s as Item;
  for (const vpc of all.Vpcs) {
    const inVpc = (list: string) => all[list].filter((item: Item) => item.VpcId === vpc.VpcId);
    expect(inVpc('NetworkAcls').filter((acl: Item) => acl.IsDefault)).toHaveLength(1);
    expect(inVpc('SecurityGroups').filter((group: Item) => group.GroupName === 'default')).toHaveLength(1);
    const mains = inVpc('RouteTables').flatMap((table: Item) =>
      table.Associations.filter(({ Main }: Item) => Main),
    );
    expect(mains).toHaveLength(1);
    checkSubnets(vpc, inVpc('Subnets'));
  }
  for (const list of ['Subnets', 'NetworkInterfaces', 'RouteTables', 'NetworkAcls', 'SecurityGroups']) {
    for (const item of all[list]) expect(all.Vpcs.map((vpc: Item) => vpc.VpcId)).toContain(item.VpcId);
  }
  for (const subnet of all.Subnets) checkSubnet(all, subnet);
  checkAssociations(all);
  checkGateways(all);
}

/** It has one network ACL, and as many addresses as nobody has. */
function checkSubnet(all: Item, subnet: Item): void {
  const acls = all.NetworkAcls.flatMap((acl: Item) => acl.Associations);
  expect(acls.filter((entry: Item) => entry.SubnetId === subnet.SubnetId)).toHaveLength(1);
  const inside = all.NetworkInterfaces.filter((entry: Item) => entry.SubnetId === subnet.SubnetId);
  const addresses = inside.flatMap((entry: Item) =>
    entry.PrivateIpAddresses.map(({ PrivateIpAddress }: Item) => PrivateIpAddress),
  );
  expect(new Set(addresses).size).toBe(addresses.length);
  const size = 2 ** (32 - Number(subnet.CidrBlock.split('/')[1]));
  expect(subnet.AvailableIpAddressCount).toBe(size - 5 - addresses.length);
}

function checkSubnets(vpc: Item, subnets: Item[]): void {
  const blocks = subnets.map(({ CidrBlock }) => parsePrefix(CidrBlock)!);
  const outer: Prefix[] = vpc.CidrBlockAssociationSet.map((entry: Item) => parsePrefix(entry.CidrBlock)!);
  for (const [i, block] of blocks.entries()) {
    expect(outer.some((prefix) => prefixContains(prefix, 4, ...block.words))).toBe(true);
    for (const other of blocks.slice(i + 1)) {
      expect(prefixContains(block, 4, ...other.words) || prefixContains(other, 4, ...block.words)).toBe(
        false,
      );
    }
  }
}

/** An Elastic IP address and the interface that has it tell the same. */
function checkAssociations(all: Item): void {
  const atAddresses = all.Addresses.filter((address: Item) => address.AssociationId).map((address: Item) => [
    address.AssociationId,
    address.NetworkInterfaceId,
    address.PrivateIpAddress,
    address.PublicIp,
  ]);
  const atInterfaces = all.NetworkInterfaces.flatMap((entry: Item) =>
    entry.PrivateIpAddresses.filter((address: Item) => address.Association).map((address: Item) => [
      address.Association.AssociationId,
      entry.NetworkInterfaceId,
      address.PrivateIpAddress,
      address.Association.PublicIp,
    ]),
  );
  expect(atAddresses.toSorted()).toEqual(atInterfaces.toSorted());
}

/** A route is active exactly when what it leads to is there and takes packets. */
function checkGateways(all: Item): void {
  const nats = all.NatGateways.filter((gateway: Item) => gateway.State === 'available');
  const managed = all.NetworkInterfaces.filter((entry: Item) => entry.RequesterManaged);
  expect(managed).toHaveLength(nats.length);
  for (const table of all.RouteTables) {
    for (const route of table.Routes) {
      const isThere =
        route.GatewayId === 'local' ||
        nats.some((gateway: Item) => gateway.NatGatewayId === route.NatGatewayId) ||
        all.NetworkInterfaces.some(
          (entry: Item) => entry.NetworkInterfaceId === route.NetworkInterfaceId && entry.Status === 'in-use',
        ) ||
        all.InternetGateways.some(
          (gateway: Item) =>
            gateway.InternetGatewayId === route.GatewayId && gateway.Attachments[0]?.VpcId === table.VpcId,
        );
      expect([route, route.State]).toEqual([route, isThere ? 'active' : 'blackhole']);
    }
  }
}

it('any requests leave a network in order', async () => {
  const step: fc.Arbitrary<Step> = fc.tuple(fc.nat(actions.length - 1), fc.nat(11), fc.nat(11));
  const steps = fc.array(step, { minLength: 20, maxLength: 60, size: 'max' });
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const at = ec2.at({ accountId: String(100_000_000_000 + run++) });
      await at.run('CreateVpc', { CidrBlock: '10.0.0.0/16' });
      for (const [n, a, b] of all) {
        const [action, input] = actions[n](await seen(at), a, b);
        const outcome = await at.run(action, input).catch((error: unknown) => error);
        if (outcome instanceof Error && !(outcome instanceof ServiceError)) throw outcome;
        if (!(outcome instanceof Error)) answered++;
      }
      checkNetwork(await seen(at));
    }),
    { numRuns: 40 },
  );
  expect(answered).toBeGreaterThan(300);
}, 30_000);
