import { writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * The described network of the live tests, in the shape of `aws ec2 describe-…`: one VPC, a captured host and its peer
 * in two subnets (so that network ACLs are asked between them), each with a security group.
 */
export const host = {
  id: 'eni-0aaaaaaaaaaaaaaa1',
  mac: '02:00:00:00:77:10',
  group: 'sg-0aaaaaaaaaaaaaaa1',
  ipv4: '10.77.1.10',
  ipv6: 'fd77:0:0:1::10',
} as const;
export const peer = {
  id: 'eni-0bbbbbbbbbbbbbbb2',
  mac: '02:00:00:00:77:20',
  group: 'sg-0bbbbbbbbbbbbbbb2',
  ipv4: '10.77.2.20',
  ipv6: 'fd77:0:0:2::20',
} as const;
export const hostAcl = 'acl-0aaaaaaaaaaaaaaa1';

const vpcId = 'vpc-0aaaaaaaaaaaaaaa1';
const account = '123456789012';
const subnets = [
  { id: 'subnet-0aaaaaaaaaaaaaaa1', ipv4: '10.77.1.0/24', ipv6: 'fd77:0:0:1::/64' },
  { id: 'subnet-0bbbbbbbbbbbbbbb2', ipv4: '10.77.2.0/24', ipv6: 'fd77:0:0:2::/64' },
];

/** Ports that the host's security group lets in, and the one that it lets out. */
export const allowed = { tcpIn: 5001, udpIn: 6000, tcpOut: 7001 } as const;

/**
 * Writes the files of the network into a folder. The host's ACL refuses ICMP on its way out to the peer (entry 90);
 * `udpIn` tells whether the host's group still lets UDP in.
 */
export function writeHostNetwork(folder: string, { udpIn = true } = {}): void {
  const write = (name: string, content: object) =>
    writeFileSync(path.join(folder, `${name}.json`), JSON.stringify(content, null, 2));
  write('Vpcs', { Vpcs: [vpc()] });
  write('Subnets', { Subnets: subnets.map(subnet) });
  write('NetworkInterfaces', { NetworkInterfaces: [host, peer].map(networkInterface) });
  write('SecurityGroups', { SecurityGroups: securityGroups(udpIn) });
  write('NetworkAcls', { NetworkAcls: networkAcls() });
}

function vpc(): object {
  return {
    VpcId: vpcId,
    OwnerId: account,
    CidrBlock: '10.77.0.0/16',
    CidrBlockAssociationSet: [{ CidrBlock: '10.77.0.0/16', CidrBlockState: { State: 'associated' } }],
    Ipv6CidrBlockAssociationSet: [
      { Ipv6CidrBlock: 'fd77::/56', Ipv6CidrBlockState: { State: 'associated' } },
    ],
    State: 'available',
  };
}

function subnet({ id, ipv4, ipv6 }: (typeof subnets)[number]): object {
  return {
    SubnetId: id,
    VpcId: vpcId,
    OwnerId: account,
    CidrBlock: ipv4,
    Ipv6CidrBlockAssociationSet: [{ Ipv6CidrBlock: ipv6, Ipv6CidrBlockState: { State: 'associated' } }],
    AvailabilityZone: 'us-east-1a',
    AvailabilityZoneId: 'use1-az1',
  };
}

function networkInterface({ id, mac, group, ipv4, ipv6 }: typeof host | typeof peer, index: number): object {
  return {
    NetworkInterfaceId: id,
    OwnerId: account,
    VpcId: vpcId,
    SubnetId: subnets[index].id,
    MacAddress: mac,
    PrivateIpAddress: ipv4,
    PrivateIpAddresses: [{ PrivateIpAddress: ipv4, Primary: true }],
    Ipv6Addresses: [{ Ipv6Address: ipv6 }],
    Groups: [{ GroupId: group, GroupName: id }],
    InterfaceType: 'interface',
  };
}

const everyone = { IpRanges: [{ CidrIp: '0.0.0.0/0' }], Ipv6Ranges: [{ CidrIpv6: '::/0' }] };
const port = (protocol: string, number: number): object => ({
  IpProtocol: protocol,
  FromPort: number,
  ToPort: number,
  ...everyone,
});

function securityGroups(udpIn: boolean): readonly object[] {
  const shared = { VpcId: vpcId, OwnerId: account, Description: 'live test' };
  const ping = { IpProtocol: 'icmp', FromPort: 8, ToPort: -1, IpRanges: [{ CidrIp: '10.77.0.0/16' }] };
  const ingress = [port('tcp', allowed.tcpIn), ping, ...(udpIn ? [port('udp', allowed.udpIn)] : [])];
  const all = [{ IpProtocol: '-1', ...everyone }];
  return [
    {
      ...shared,
      GroupId: host.group,
      GroupName: 'host',
      IpPermissions: ingress,
      IpPermissionsEgress: [port('tcp', allowed.tcpOut)],
    },
    { ...shared, GroupId: peer.group, GroupName: 'peer', IpPermissions: all, IpPermissionsEgress: all },
  ];
}

function networkAcls(): readonly object[] {
  const entry = (Egress: boolean, RuleNumber: number, RuleAction: string, rest: object) => ({
    Egress,
    RuleNumber,
    RuleAction,
    Protocol: '-1',
    ...rest,
  });
  const open = [false, true].flatMap((egress) => [
    entry(egress, 100, 'allow', { CidrBlock: '0.0.0.0/0' }),
    entry(egress, 101, 'allow', { Ipv6CidrBlock: '::/0' }),
    entry(egress, 32767, 'deny', { CidrBlock: '0.0.0.0/0' }),
    entry(egress, 32768, 'deny', { Ipv6CidrBlock: '::/0' }),
  ]);
  const refusesPingReplies = entry(true, 90, 'deny', {
    CidrBlock: subnets[1].ipv4,
    Protocol: '1',
    IcmpTypeCode: { Type: -1, Code: -1 },
  });
  const acl = (id: string, subnetId: string, entries: readonly object[]) => ({
    NetworkAclId: id,
    VpcId: vpcId,
    OwnerId: account,
    IsDefault: false,
    Associations: [
      { NetworkAclAssociationId: `aclassoc-${id.slice(4)}`, NetworkAclId: id, SubnetId: subnetId },
    ],
    Entries: entries,
  });
  return [
    acl(hostAcl, subnets[0].id, [refusesPingReplies, ...open]),
    acl('acl-0bbbbbbbbbbbbbbb2', subnets[1].id, open),
  ];
}
