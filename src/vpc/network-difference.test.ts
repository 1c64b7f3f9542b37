import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { networkOf as networkWith } from '../../test/network-folder.ts';
import { permission, TestGate, type Way } from '../../test/policy/fixtures.ts';
import { emptyDraft } from '../../test/resource-draft.ts';
import { runs } from '../../test/runs.ts';
import { sharedData } from '../../test/shared-data.ts';
import { testNetwork } from '../../test/test-network.ts';
import { parseAddress } from '../ip/index.ts';
import type { DraftView } from '../resource/draft-view.ts';
import type { Place } from '../resource/index.ts';
import { AddressNetwork, defaultLocalPrefixes } from './address-network.ts';
import { deviceNetwork } from './device-network.ts';
import { InterfaceRegistry } from './interface-registry.ts';
import * as kinds from './kinds.ts';
import { loadNetwork } from './load-network.ts';
import type { Network } from './network.ts';
import { networkDifference, putNetwork } from './network-difference.ts';
import { isMadeUp, networkOf } from './network-of-resources.ts';
import { PathFinder } from './path-finder.ts';
import { VpcAddresses } from './vpc-addresses.ts';

const place: Place = { accountId: '123456789012', region: 'us-east-1' };

function stored(network: Network): DraftView {
  const draft = emptyDraft();
  putNetwork(draft, place, network);
  return draft;
}

const network = testNetwork({
  interfaces: [{ id: 'eni-1', addresses: ['10.0.1.5'], groups: ['sg-1'] }],
  groups: { 'sg-1': { ingress: ['tcp 22 10.0.0.0/8', 'udp 53 pl-1', 'all all sg-1'] } },
  acls: { 'acl-1': { ingress: ['100 allow all all 0.0.0.0/0'], egress: ['100 allow all all 0.0.0.0/0'] } },
});

function changesOf(draft: DraftView, next: Network): string[] {
  return networkDifference(draft, place, next).map(({ change, kind, id, members }) =>
    `${change} ${kind} ${id} ${members.join()}`.trim(),
  );
}

describe('putNetwork', () => {
  it('adds each part once: again, nothing differs', () => {
    const draft = stored(network);
    expect(changesOf(draft, network)).toEqual([]);
    putNetwork(draft, place, network);
    expect(networkOf(draft, place).networkInterfaces).toHaveLength(1);
  });

  it('makes what AWS always has: default group, route table, ids of rules and associations', () => {
    const draft = stored(network);
    expect([...draft.list(kinds.securityGroups, place)].map(({ GroupName }) => GroupName)).toEqual([
      'sg-1',
      'default',
    ]);
    expect([...draft.list(kinds.routeTables, place)][0]).toMatchObject({
      Associations: [{ Main: true, RouteTableAssociationId: expect.stringMatching(/^rtbassoc-/) }],
      Routes: [{ DestinationCidrBlock: '10.0.0.0/16', GatewayId: 'local', State: 'active' }],
    });
    expect(draft.get(kinds.networkAcls, place, 'acl-1')?.Associations).toEqual([
      {
        NetworkAclId: 'acl-1',
        NetworkAclAssociationId: expect.stringMatching(/^aclassoc-/),
        SubnetId: 'subnet-1',
      },
    ]);
    for (const { SecurityGroupRuleId } of draft.list(kinds.securityGroupRules, place)) {
      expect(SecurityGroupRuleId).toMatch(/^sgr-[0-9a-f]{17}$/);
    }
  });

  it('shows permissions of one protocol and range of ports together', () => {
    const [group] = networkOf(
      stored(
        testNetwork({
          interfaces: [],
          groups: { 'sg-1': { ingress: ['tcp 22 10.0.0.0/8', 'tcp 22 ::/0', 'icmp 8 sg-1'], egress: [] } },
        }),
      ),
      place,
    ).securityGroups;
    const none = { IpRanges: [], Ipv6Ranges: [], PrefixListIds: [], UserIdGroupPairs: [] };
    expect(group.IpPermissions).toEqual([
      {
        ...none,
        IpProtocol: 'tcp',
        FromPort: 22,
        ToPort: 22,
        IpRanges: [{ CidrIp: '10.0.0.0/8' }],
        Ipv6Ranges: [{ CidrIpv6: '::/0' }],
      },
      { ...none, IpProtocol: 'icmp', FromPort: 8, ToPort: -1, UserIdGroupPairs: [{ GroupId: 'sg-1' }] },
    ]);
    expect(group.IpPermissionsEgress).toEqual([]);
  });

  it('keeps interfaces that others manage as they are described', () => {
    const requester = {
      NetworkInterfaceId: 'eni-nat',
      VpcId: 'vpc-abcdefab012345678',
      SubnetId: 'subnet-1',
      RequesterManaged: true,
      InterfaceType: 'nat_gateway' as never,
      Description: 'Interface for NAT Gateway nat-1',
      PrivateIpAddress: '10.0.1.9',
    };
    const draft = stored({ ...network, networkInterfaces: [requester] });
    expect(draft.get(kinds.networkInterfaces, place, 'eni-nat')).toMatchObject(requester);
  });
});

describe('networkDifference', () => {
  it('is of what the network describes or has described', () => {
    const draft = stored(network);
    const [group] = network.securityGroups;
    const next = {
      ...network,
      networkInterfaces: [
        { ...network.networkInterfaces[0], NetworkInterfaceId: 'eni-2', PrivateIpAddress: '10.0.1.6' },
      ],
      securityGroups: [{ ...group, Description: 'other', IpPermissions: [permission('tcp 23 10.0.0.0/8')] }],
    };
    expect(changesOf(draft, next).map((line) => line.replace(/sgr-\w+/, 'sgr'))).toEqual([
      'change security-group sg-1 Description',
      'add security-group-rule sgr',
      'add network-interface eni-2',
      'remove security-group-rule sgr',
      'remove security-group-rule sgr',
      'remove security-group-rule sgr',
      'remove network-interface eni-1',
    ]);
    putNetwork(draft, place, next);
    expect(changesOf(draft, next)).toEqual([]);
  });

  it('leaves alone what the user made, and what that stands on', () => {
    const draft = stored(network);
    const own = {
      NetworkInterfaceId: 'eni-own',
      PrivateIpAddress: '10.0.1.77',
      SubnetId: 'subnet-1',
      VpcId: 'vpc-abcdefab012345678',
    };
    draft.put(kinds.networkInterfaces, place, 'eni-own', own);
    const empty = networkWith({});
    expect(changesOf(draft, empty).filter((line) => !line.includes('rule'))).toEqual([
      'remove security-group sg-1',
      'remove network-interface eni-1',
    ]);
    putNetwork(draft, place, empty);
    expect(draft.get(kinds.networkInterfaces, place, 'eni-own')).toEqual(own);
    expect(draft.get(kinds.vpcs, place, 'vpc-abcdefab012345678')).toBeDefined();
    expect(draft.get(kinds.networkAcls, place, 'acl-1')).toBeDefined();
    expect(changesOf(draft, empty)).toEqual([]);
  });

  it('says all rules of a group that was made up, but for those that the user has added', () => {
    const identity = { ...place, azId: 'use1-az1' };
    const made = deviceNetwork(
      [{ name: 'eth0', addresses: [{ address: '10.0.1.5', prefixLength: 24 }] }],
      identity,
    );
    const draft = stored(made);
    const [group] = draft.list(kinds.securityGroups, place);
    const own = {
      SecurityGroupRuleId: 'sgr-own',
      GroupId: group.GroupId!,
      IsEgress: false,
      IpProtocol: '-1',
    };
    draft.put(kinds.securityGroupRules, place, 'sgr-own', own);
    const ids = () =>
      Array.from(draft.list(kinds.securityGroupRules, place))
        .filter(({ GroupId }) => GroupId === group.GroupId)
        .map(({ SecurityGroupRuleId }) => SecurityGroupRuleId);
    const ofMadeUp = ids().filter((id) => id !== 'sgr-own');
    putNetwork(draft, place, network);
    expect(ids()).toEqual(expect.arrayContaining([...ofMadeUp, 'sgr-own']));
    const groups = made.securityGroups.map((one) => ({
      ...one,
      IpPermissions: [permission('tcp 22 10.0.0.0/8')],
      IpPermissionsEgress: [],
    }));
    putNetwork(draft, place, {
      ...made,
      origin: 'described',
      securityGroups: groups,
      securityGroupRules: [],
    });
    const left = networkOf(draft, place).securityGroups.find(({ GroupId }) => GroupId === group.GroupId);
    expect(left?.IpPermissionsEgress).toEqual([]);
    expect(left?.IpPermissions?.map(({ IpProtocol }) => IpProtocol).sort()).toEqual(['-1', 'tcp']);
    expect(ids()).toContain('sgr-own');
    expect(ids().filter((id) => ofMadeUp.includes(id))).toEqual([]);
  });

  it('leaves alone a rule that the user gave to an imported group, and the ids of rules', () => {
    const draft = stored(network);
    const rule = {
      SecurityGroupRuleId: 'sgr-own',
      GroupId: 'sg-1',
      IsEgress: false,
      IpProtocol: 'tcp',
      FromPort: 80,
      ToPort: 80,
      CidrIpv4: '0.0.0.0/0',
    };
    draft.put(kinds.securityGroupRules, place, 'sgr-own', rule);
    expect(changesOf(draft, network)).toEqual([]);
  });

  it('tells what the user has changed or deleted of what was imported', () => {
    const draft = stored(network);
    draft.remove(kinds.networkInterfaces, place, 'eni-1');
    const acl = draft.get(kinds.networkAcls, place, 'acl-1')!;
    draft.put(kinds.networkAcls, place, 'acl-1', { ...acl, Entries: [] });
    expect(changesOf(draft, network)).toEqual([
      'change network-acl acl-1 Entries',
      'add network-interface eni-1',
    ]);
  });

  it('other blocks of a prefix list are a new version', () => {
    const draft = stored({ ...network, prefixLists: new Map([['pl-1', ['10.0.0.0/8']]]) });
    const next = { ...network, prefixLists: new Map([['pl-1', ['10.0.0.0/8', '10.1.0.0/16']]]) };
    expect(changesOf(draft, next)).toEqual(['change prefix-list pl-1 Version,versions']);
    putNetwork(draft, place, next);
    expect(draft.get(kinds.prefixLists, place, 'pl-1')?.versions.map(({ version }) => version)).toEqual([
      1, 2,
    ]);
    expect(networkOf(draft, place).prefixLists.get('pl-1')).toEqual(['10.0.0.0/8', '10.1.0.0/16']);
  });
});

describe('putNetwork of gateways', () => {
  const gateways: Network = {
    ...network,
    networkInterfaces: [
      ...network.networkInterfaces,
      {
        NetworkInterfaceId: 'eni-nat',
        VpcId: 'vpc-abcdefab012345678',
        SubnetId: 'subnet-1',
        RequesterManaged: true,
        Description: 'Interface for NAT Gateway nat-1',
        PrivateIpAddress: '10.0.1.9',
      },
      {
        NetworkInterfaceId: 'eni-tgw',
        VpcId: 'vpc-abcdefab012345678',
        SubnetId: 'subnet-1',
        RequesterManaged: true,
        Description: 'Network Interface for Transit Gateway Attachment tgw-attach-1',
        PrivateIpAddress: '10.0.1.10',
      },
    ],
    routeTables: [
      {
        RouteTableId: 'rtb-1',
        VpcId: 'vpc-abcdefab012345678',
        Associations: [{ Main: true }],
        Routes: [
          { DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: 'nat-1', State: 'active' },
          { DestinationCidrBlock: '10.1.0.0/16', TransitGatewayId: 'tgw-1', State: 'active' },
          { DestinationCidrBlock: '10.2.0.0/16', GatewayId: 'igw-1', State: 'active' },
          { DestinationIpv6CidrBlock: '::/0', EgressOnlyInternetGatewayId: 'eigw-1', State: 'active' },
          { DestinationCidrBlock: '10.3.0.0/16', NetworkInterfaceId: 'eni-1', State: 'active' },
        ],
      },
    ],
  };

  it('makes those that routes and interfaces name', () => {
    const draft = stored(gateways);
    const VpcId = 'vpc-abcdefab012345678';
    expect([...draft.list(kinds.natGateways, place)]).toMatchObject([
      { NatGatewayId: 'nat-1', State: 'available', VpcId, NatGatewayAddresses: [{ PrivateIp: '10.0.1.9' }] },
    ]);
    expect([...draft.list(kinds.internetGateways, place)]).toMatchObject([
      { InternetGatewayId: 'igw-1', Attachments: [{ VpcId }] },
    ]);
    expect([...draft.list(kinds.egressOnlyInternetGateways, place)]).toHaveLength(1);
    expect([...draft.list(kinds.transitGateways, place)]).toMatchObject([{ TransitGatewayId: 'tgw-1' }]);
    expect([...draft.list(kinds.transitGatewayAttachments, place)]).toMatchObject([
      { TransitGatewayAttachmentId: 'tgw-attach-1', TransitGatewayId: 'tgw-1', ResourceId: VpcId },
    ]);
    expect(changesOf(draft, gateways)).toEqual([]);
  });

  it('does not tell states of routes', () => {
    const draft = stored(gateways);
    const table = draft.get(kinds.routeTables, place, 'rtb-1')!;
    const Routes = table.Routes!.map((route) => ({
      ...route,
      State: 'blackhole' as const,
      InstanceId: 'i-1',
    }));
    draft.put(kinds.routeTables, place, 'rtb-1', { ...table, Routes: [...Routes.slice(4)] });
    expect(
      changesOf(draft, {
        ...gateways,
        routeTables: [{ ...gateways.routeTables[0], Routes: gateways.routeTables[0].Routes!.slice(4) }],
      }).filter((line) => line.includes('route')),
    ).toEqual([]);
  });
});

describe('putNetwork of addresses', () => {
  it('makes ordinary interfaces, that no device is', () => {
    const made = new AddressNetwork(defaultLocalPrefixes, { ...place, azId: 'use1-az1' });
    const one = made.interfaceFor(parseAddress('10.0.0.5')!)!;
    const draft = stored({ ...made.network, networkInterfaces: [one] });
    const [kept] = draft.list(kinds.networkInterfaces, place);
    expect(kept.device).toBeUndefined();
    expect(networkOf(draft, place).subnets.every(isMadeUp)).toBe(true);
  });
});

const traffics = ['all all', 'tcp 22', 'tcp 20-60', 'udp 53', 'icmp 8', 'icmp 8.0', '47 all'];
const peers = ['0.0.0.0/0', '10.0.1.7/24', '203.0.113.0/24', 'sg-1', 'sg-2', 'pl-1', '::/0'];
const rules = fc.array(
  fc.tuple(fc.constantFrom(...traffics), fc.constantFrom(...peers)).map((parts) => parts.join(' ')),
  { maxLength: 4 },
);
const packets = fc.record({
  way: fc.constantFrom<Way>('ingress', 'egress'),
  peer: fc.constantFrom('10.0.1.7', '203.0.113.5', '198.51.100.7'),
  protocol: fc.constantFrom(6, 17, 1, 47),
  port: fc.constantFrom(22, 53, 80),
});

describe('networkOf', () => {
  it('judges as the network that was put', () => {
    fc.assert(
      fc.property(rules, rules, rules, packets, (first, second, egress, { way, peer, protocol, port }) => {
        const described = {
          ...testNetwork({
            interfaces: [
              { id: 'eni-1', addresses: ['10.0.1.5'], groups: ['sg-1'] },
              { id: 'eni-2', addresses: ['10.0.1.7'], groups: ['sg-2', 'sg-1'] },
            ],
            groups: { 'sg-1': { ingress: first, egress }, 'sg-2': { ingress: second, egress: [] } },
          }),
          prefixLists: new Map([['pl-1', ['203.0.113.0/25']]]),
        };
        const [src, dst] = way === 'ingress' ? [peer, '10.0.1.5'] : ['10.0.1.5', peer];
        const packet = { src, dst, protocol, srcPort: 40_000, dstPort: port, flags: 2, type: 8, code: 0 };
        const judged = [described, networkOf(stored(described), place)].map(
          (one) => new TestGate(one).see(way, packet).accepted,
        );
        expect(judged[1]).toBe(judged[0]);
      }),
      { numRuns: runs(200, 5000) },
    );
  });

  it.skipIf(sharedData === undefined)(
    sharedData === undefined ? 'shared data are absent' : 'judges and routes as a real account does',
    () => {
      const { network: described } = loadNetwork(`${sharedData}/aws/hybrid-cloud`);
      const again = networkOf(stored(described), place);
      for (const { NetworkInterfaceId: id } of described.networkInterfaces) {
        for (const peer of ['10.100.1.5', '192.168.1.243', '8.8.8.8', '172.31.0.9']) {
          expect(askedOf(again, id!, peer), `${id} ${peer}`).toEqual(askedOf(described, id!, peer));
        }
      }
      expect(networkDifference(stored(described), place, described)).toEqual([]);
    },
  );

  it('keeps what records tell of interfaces of a network made up from devices, and marks them', () => {
    const made = deviceNetwork([{ name: 'eth0', addresses: [{ address: '10.0.0.5', prefixLength: 24 }] }], {
      ...place,
      azId: 'use1-az1',
    });
    const [one] = networkOf(stored(made), place).networkInterfaces;
    expect(one).toMatchObject({
      ...made.networkInterfaces[0],
      device: 'eth0',
      TagSet: [
        { Key: 'Name', Value: 'eth0' },
        { Key: 'headgate:device', Value: 'eth0' },
      ],
    });
  });
});

/** Verdicts of a few packets, and the path both ways. */
function askedOf(one: Network, id: string, peer: string): unknown {
  const gate = new TestGate(one);
  const index = gate.registry.indexOf(id)!;
  const local = gate.registry.get(index).PrivateIpAddress!;
  const registry = new InterfaceRegistry();
  const finder = new PathFinder(
    one,
    new VpcAddresses(one, registry, { vpcId: gate.registry.get(index).VpcId }),
    registry,
    'us-east-1',
  );
  const address = parseAddress(peer)!;
  const verdicts = (['ingress', 'egress'] as const).flatMap((way) =>
    [22, 80, 443].map((dstPort, i) => {
      const [src, dst] = way === 'ingress' ? [peer, local] : [local, peer];
      return gate.see(way, { src, dst, protocol: 6, srcPort: 50_000 + i, dstPort, flags: 2 }, 0, index)
        .accepted;
    }),
  );
  const own = registry.indexOf(id)!;
  return { verdicts, paths: [finder.pathTo(own, 0, address), finder.pathTo(own, 1, address)] };
}
