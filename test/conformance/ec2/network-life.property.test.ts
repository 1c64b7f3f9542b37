import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ServiceError } from '../../../src/fault/index.ts';
import {
  type DeviceDescription,
  deviceNetwork,
  followDevices,
  loadNetwork,
  networkOf,
  putNetwork,
  writeNetwork,
} from '../../../src/vpc/index.ts';
import { OpenedEc2 } from '../../open-ec2.ts';
import { TestGate } from '../../policy/fixtures.ts';
import { runs } from '../../runs.ts';
import {
  deleted,
  deleters,
  deletions,
  type Item,
  kinds,
  makers,
  type Prefix,
  type Request,
  Seen,
} from './network-requests.ts';

let ec2: OpenedEc2;
let account = 0;
beforeAll(async () => {
  ec2 = await OpenedEc2.open();
});
afterAll(() => ec2.close());

/** Two networks, one with IPv6, so that most requests find something. */
async function putNetworks(at: OpenedEc2): Promise<void> {
  for (const [n, CidrBlock] of ['10.0.0.0/16', '10.1.0.0/16'].entries()) {
    const { Vpc } = await at.run('CreateVpc', { CidrBlock, AmazonProvidedIpv6CidrBlock: n === 0 });
    const { VpcId, Ipv6CidrBlockAssociationSet } = Vpc;
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

/** An elastic address and the interface that has it tell the same. */
function checkAssociations(s: Seen): void {
  const atAddresses = s
    .all('eipalloc')
    .flatMap(([id, one]) =>
      one.AssociationId
        ? [`${id} ${one.AssociationId} ${one.NetworkInterfaceId} ${one.PrivateIpAddress}`]
        : [],
    );
  const atInterfaces = s
    .all('eni')
    .flatMap(([id, { PrivateIpAddress: primary, Association, PrivateIpAddresses }]) => {
      const shown = PrivateIpAddresses.find((one: Item) => one.PrivateIpAddress === primary)?.Association;
      expect(Association).toEqual(shown);
      return PrivateIpAddresses.flatMap(({ PrivateIpAddress, Association: of }: Item) =>
        of ? [`${of.AllocationId} ${of.AssociationId} ${id} ${PrivateIpAddress}`] : [],
      );
    });
  expect(atAddresses.sort()).toEqual(atInterfaces.sort());
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
  checkAssociations(s);
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
    { numRuns: runs(6, 150) },
  );
  expect(answered.size).toBeGreaterThan(25);
}, 600_000);

const deviceAddresses = ['10.0.0.5/28', '10.1.0.9/16', '172.17.0.1/16', '2001:db8:9::5/64', '192.168.0.7/16'];

/** Devices of a host, each with some of the addresses: number by number, another host. */
function devicesOf(n: number): DeviceDescription[] {
  return ['eth0', 'br0', 'wg0'].map((name, i) => ({
    name,
    addresses: deviceAddresses.flatMap((text, j) => {
      const [address, length] = text.split('/');
      const isOf = ((n >> (j + i)) & 1) === 1 && j % 3 === i;
      return isOf ? [{ address, prefixLength: Number(length) }] : [];
    }),
  }));
}

it('devices that come and go between any requests leave it in order', async () => {
  const step = fc.tuple(fc.nat(999), fc.nat(59), fc.nat(59), fc.nat(59));
  const steps = fc.array(step, { minLength: 40, maxLength: 160, size: 'max' });
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const at = ec2.at({ accountId: String(300_000_000_000 + account++) });
      const s = new Seen(at);
      const identity = { ...at.place, azId: 'use1-az1' };
      await at.resources.write((draft) =>
        putNetwork(draft, at.place, deviceNetwork(devicesOf(31), identity)),
      );
      await putNetworks(at);
      for (const [n, a, b, c] of all) {
        const from = n % 12 === 0 ? deleters : makers;
        if (n % 5 === 1) {
          await at.resources.write((draft) => followDevices(draft, at.place, identity, devicesOf(a)));
        } else await isAnswered(at, from[Math.floor(n / 12) % from.length](s, a, b, c));
      }
      checkReferences(s);
      checkTables(s);
      checkAssociations(s);
      new TestGate(networkOf(at.resources, at.place));
      await deleteAll(at, 0);
      checkReferences(s);
    }),
    { numRuns: runs(3, 80) },
  );
}, 600_000);
