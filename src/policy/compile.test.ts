import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { aclEntry, emptyNetwork, networkInterface, securityGroup } from '../../test/policy/fixtures.ts';
import { sharedData } from '../../test/shared-data.ts';
import { ConfigError } from '../fault/index.ts';
import type { Network } from '../vpc/network.ts';
import { CauseList } from './cause-list.ts';
import { CompiledNetwork } from './compile.ts';

function problemsOf(network: Partial<Network>): readonly string[] {
  try {
    new CompiledNetwork({ ...emptyNetwork(), ...network }, new CauseList());
  } catch (error) {
    if (error instanceof ConfigError) return error.details;
    throw error;
  }
  return [];
}

describe('what cannot be understood is named, all at once', () => {
  const rules = [
    {
      name: 'an unknown protocol',
      text: 'gre 22 0.0.0.0/0',
      problem: /sg-1 IpPermissions\[0\]: protocol "gre"/,
    },
    { name: 'a protocol number over 255', text: '256 all 0.0.0.0/0', problem: /protocol "256"/ },
    { name: 'ports in the wrong order', text: 'tcp 90-80 0.0.0.0/0', problem: /90 to 80 are not ports/ },
    { name: 'a port over 65535', text: 'udp 70000 0.0.0.0/0', problem: /70000 to 70000 are not ports/ },
    { name: 'an ICMP type over 255', text: 'icmp 300 0.0.0.0/0', problem: /ICMP type and code/ },
    {
      name: 'no CIDR block',
      text: 'tcp 22 10.0.0.0/33',
      problem: /"10.0.0.0\/33" is not an IPv4 CIDR block/,
    },
  ];
  it.each(rules)('$name', ({ text, problem }) => {
    expect(problemsOf({ securityGroups: [securityGroup('sg-1', [text])] })).toEqual([
      expect.stringMatching(problem),
    ]);
  });

  it('network ACL entries too', () => {
    const Entries = [
      aclEntry('ingress', '100 allow tcp 90-80 10.0.0.0/8'),
      { ...aclEntry('egress', '7 deny all all ::/0'), Protocol: 'x' },
    ];
    expect(problemsOf({ networkAcls: [{ NetworkAclId: 'acl-1', VpcId: 'vpc-1', Entries }] })).toEqual([
      'acl-1 ingress entry 100: 90 to 80 are not ports from 0 to 65535, the lower first',
      expect.stringContaining('acl-1 egress entry 7: protocol "x"'),
    ]);
  });
});

describe('causes', () => {
  const namesOf = (texts: string[]): readonly string[] => {
    const causes = new CauseList();
    new CompiledNetwork({ ...emptyNetwork(), securityGroups: [securityGroup('sg-1', texts, [])] }, causes);
    return causes.texts.slice(1);
  };

  it('say what a rule says, without spaces', () => {
    expect(
      namesOf(['all all ::/0', 'tcp 22 10.1.2.3/8', 'tcp 0-65535 10.0.0.0/8', 'udp 1000-2000 sg-9']),
    ).toEqual([
      'sg-1/ingress/all:all:::/0',
      'sg-1/ingress/tcp:22:10.0.0.0/8',
      'sg-1/ingress/tcp:all:10.0.0.0/8',
      'sg-1/ingress/udp:1000-2000:sg-9',
    ]);
    expect(
      namesOf([
        'icmp 8.0 10.0.0.0/8',
        'icmp 8 10.0.0.0/8',
        'icmp -1.-1 pl-1',
        '47 all 0.0.0.0/0',
        '6 22 0.0.0.0/0',
      ]),
    ).toEqual([
      'sg-1/ingress/icmp:8.0:10.0.0.0/8',
      'sg-1/ingress/icmp:8:10.0.0.0/8',
      'sg-1/ingress/icmp:all:pl-1',
      'sg-1/ingress/47:all:0.0.0.0/0',
      'sg-1/ingress/tcp:22:0.0.0.0/0',
    ]);
  });

  it('keep their numbers, share them, and never break a record into more fields', () => {
    const causes = new CauseList();
    const number = causes.numberOf('sg-1/ingress/default');
    expect(causes.numberOf('sg 1\n/x')).toBe(number + 1);
    expect(causes.numberOf('sg-1/ingress/default')).toBe(number);
    expect(causes.texts).toEqual(['-', 'sg-1/ingress/default', 'sg_1_/x']);
  });
});

describe('interfaces that are alike share one policy', () => {
  const network = {
    ...emptyNetwork(),
    securityGroups: [securityGroup('sg-1', []), securityGroup('sg-2', [])],
  };
  const compiled = new CompiledNetwork(network, new CauseList());
  const first = networkInterface('eni-1', '10.0.1.1');
  const rows = [
    { name: 'same groups and subnet', other: networkInterface('eni-2', '10.0.1.2'), shared: true },
    { name: 'another group', other: networkInterface('eni-2', '10.0.1.2', ['sg-2']), shared: false },
    {
      name: 'another subnet',
      other: networkInterface('eni-2', '10.0.2.2', ['sg-1'], 'subnet-2'),
      shared: false,
    },
    {
      name: 'other timeouts',
      other: { ...first, ConnectionTrackingConfiguration: { UdpTimeout: 40 } },
      shared: false,
    },
  ];
  it.each(rows)('$name: $shared', ({ other, shared }) => {
    expect(compiled.policyOf(other) === compiled.policyOf(first)).toBe(shared);
  });
});

const withShared =
  sharedData === undefined ? 'needs the shared data, which is absent' : 'compiles without a complaint';
it.skipIf(sharedData === undefined)(`hybrid-cloud ${withShared}`, async () => {
  const read = async (name: string): Promise<unknown> =>
    JSON.parse(await readFile(`${sharedData}/aws/hybrid-cloud/${name}.json`, 'utf8'));
  const { SecurityGroups } = (await read('SecurityGroups')) as { SecurityGroups: Network['securityGroups'] };
  const { NetworkAcls } = (await read('NetworkAcls')) as { NetworkAcls: Network['networkAcls'] };
  expect(problemsOf({ securityGroups: SecurityGroups, networkAcls: NetworkAcls })).toEqual([]);
});
