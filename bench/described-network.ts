import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  GroupIdentifier,
  IpPermission,
  NetworkAcl,
  NetworkAclEntry,
  NetworkInterface,
  SecurityGroup,
  Subnet,
  Vpc,
} from '@aws-sdk/client-ec2';
import { localHost, localHostCount, siteCount, subnetsPerSite } from './hosts.ts';

const owner = '123456789012';
const vpcId = awsId('vpc', 1);
const anywhere = { IpRanges: [{ CidrIp: '0.0.0.0/0' }], Ipv6Ranges: [{ CidrIpv6: '::/0' }] };
const inside = { IpRanges: [{ CidrIp: '10.0.0.0/8' }], Ipv6Ranges: [{ CidrIpv6: 'fd00::/8' }] };

function awsId(kind: string, number: number): string {
  return `${kind}-${(0xbe0000 + number).toString(16).padStart(17, '0')}`;
}

function permission(protocol: string, from: number, to: number, peers: Partial<IpPermission>): IpPermission {
  const none = { IpRanges: [], Ipv6Ranges: [], PrefixListIds: [], UserIdGroupPairs: [] };
  return { IpProtocol: protocol, FromPort: from, ToPort: to, ...none, ...peers };
}

const fromGroup = (number: number): Partial<IpPermission> => ({
  UserIdGroupPairs: [{ GroupId: awsId('sg', number), UserId: owner }],
});

interface GroupPlan {
  readonly name: string;
  readonly ingress: readonly IpPermission[];
}

/** Group 0 belongs to every interface; the others to some. */
const groupPlans: readonly GroupPlan[] = [
  {
    name: 'base',
    ingress: [permission('icmp', -1, -1, anywhere), permission('icmpv6', -1, -1, inside)],
  },
  {
    name: 'web',
    ingress: [
      permission('tcp', 80, 80, anywhere),
      permission('tcp', 443, 443, anywhere),
      permission('udp', 443, 443, anywhere),
      permission('tcp', 8080, 8080, inside),
    ],
  },
  {
    name: 'application',
    ingress: [permission('tcp', 8443, 8443, fromGroup(1)), permission('tcp', 9092, 9092, inside)],
  },
  {
    name: 'database',
    ingress: [
      permission('tcp', 5432, 5432, fromGroup(2)),
      permission('tcp', 3306, 3306, fromGroup(2)),
      permission('tcp', 6379, 6379, inside),
    ],
  },
  { name: 'administration', ingress: [permission('tcp', 22, 22, inside)] },
  {
    name: 'media',
    ingress: [
      permission('udp', 3478, 3478, anywhere),
      permission('udp', 5004, 5004, anywhere),
      permission('udp', 16384, 32767, anywhere),
      permission('udp', 53, 53, inside),
    ],
  },
];

function securityGroup(plan: GroupPlan, number: number): SecurityGroup {
  return {
    GroupId: awsId('sg', number),
    GroupName: plan.name,
    Description: `${plan.name} of the benchmark`,
    OwnerId: owner,
    VpcId: vpcId,
    IpPermissions: [...plan.ingress],
    IpPermissionsEgress: number === 0 ? [{ IpProtocol: '-1', ...anywhere }] : [],
  };
}

function vpc(): Vpc {
  const sites = Array.from({ length: siteCount }, (_, site) => site);
  return {
    VpcId: vpcId,
    OwnerId: owner,
    CidrBlock: '10.0.0.0/16',
    CidrBlockAssociationSet: sites.map((site) => ({
      AssociationId: awsId('vpc-cidr-assoc', site),
      CidrBlock: `10.${site}.0.0/16`,
      CidrBlockState: { State: 'associated' },
    })),
    Ipv6CidrBlockAssociationSet: sites.map((site) => ({
      AssociationId: awsId('vpc-cidr-assoc', 100 + site),
      Ipv6CidrBlock: `fd00:10:${site}::/56`,
      Ipv6CidrBlockState: { State: 'associated' },
    })),
    IsDefault: false,
    State: 'available',
  };
}

function subnet(number: number): Subnet {
  const site = Math.floor(number / subnetsPerSite);
  const part = number % subnetsPerSite;
  return {
    SubnetId: awsId('subnet', number),
    VpcId: vpcId,
    OwnerId: owner,
    AvailabilityZone: 'us-east-1a',
    AvailabilityZoneId: 'use1-az1',
    CidrBlock: `10.${site}.${part * 64}.0/18`,
    Ipv6CidrBlockAssociationSet: [
      {
        AssociationId: awsId('subnet-cidr-assoc', number),
        Ipv6CidrBlock: `fd00:10:${site}:${part}::/64`,
        Ipv6CidrBlockState: { State: 'associated' },
      },
    ],
    State: 'available',
  };
}

/** Two ports and twenty public networks denied, the rest allowed: both directions, evaluated in this order. */
function aclEntries(egress: boolean, acl: number): NetworkAclEntry[] {
  const rule = { Egress: egress, Protocol: '-1', RuleAction: 'deny' } as const;
  const ports = [23, 3389].map((port, i): NetworkAclEntry => {
    const range = { From: port, To: port };
    return { ...rule, RuleNumber: 10 + i, Protocol: '6', CidrBlock: '0.0.0.0/0', PortRange: range };
  });
  const networks = Array.from({ length: 20 }, (_, i): NetworkAclEntry => {
    return { ...rule, RuleNumber: 100 + i, CidrBlock: `${20 + acl * 20 + i}.${i * 8}.0.0/14` };
  });
  return [
    ...ports,
    ...networks,
    { ...rule, RuleNumber: 1000, RuleAction: 'allow', CidrBlock: '0.0.0.0/0' },
    { ...rule, RuleNumber: 1001, RuleAction: 'allow', Ipv6CidrBlock: '::/0' },
    { ...rule, RuleNumber: 32767, CidrBlock: '0.0.0.0/0' },
    { ...rule, RuleNumber: 32768, Ipv6CidrBlock: '::/0' },
  ];
}

/** One ACL for each part of the sites: ACL `number` holds every subnet of that part. */
function networkAcl(number: number): NetworkAcl {
  const associations = Array.from({ length: siteCount }, (_, site) => site * subnetsPerSite + number);
  return {
    NetworkAclId: awsId('acl', number),
    VpcId: vpcId,
    OwnerId: owner,
    IsDefault: number === 0,
    Associations: associations.map((index) => ({
      NetworkAclAssociationId: awsId('aclassoc', index),
      NetworkAclId: awsId('acl', number),
      SubnetId: awsId('subnet', index),
    })),
    Entries: [...aclEntries(false, number), ...aclEntries(true, number)],
  };
}

function groupsOf(index: number): GroupIdentifier[] {
  const numbers = [0, 1 + (index % 5)];
  if (index % 3 === 0) numbers.push(1 + ((index + 2) % 5));
  return numbers.map((number) => ({ GroupId: awsId('sg', number), GroupName: groupPlans[number].name }));
}

function networkInterface(index: number): NetworkInterface {
  const host = localHost(index);
  const word = host.ipv4;
  const address = `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`;
  const groups = host.ipv6.flatMap((part) => [part >>> 16, part & 0xffff]);
  return {
    NetworkInterfaceId: awsId('eni', index),
    InterfaceType: 'interface',
    VpcId: vpcId,
    SubnetId: awsId('subnet', index % (siteCount * subnetsPerSite)),
    OwnerId: owner,
    AvailabilityZone: 'us-east-1a',
    MacAddress: [2, ...host.mac].map((byte) => byte.toString(16).padStart(2, '0')).join(':'),
    PrivateIpAddress: address,
    PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: address }],
    Ipv6Addresses: [
      { Ipv6Address: groups.map((group) => group.toString(16)).join(':'), IsPrimaryIpv6: true },
    ],
    Groups: groupsOf(index),
    Attachment: {
      AttachmentId: awsId('eni-attach', index),
      InstanceId: awsId('i', index),
      InstanceOwnerId: owner,
    },
    SourceDestCheck: true,
    Status: 'in-use',
  };
}

/** Writes the network of the trace's local hosts as `aws ec2 describe-…` would print it. */
export function writeDescribedNetwork(folder: string): void {
  const indexes = (length: number) => Array.from({ length }, (_, i) => i);
  const files = {
    Vpcs: [vpc()],
    Subnets: indexes(siteCount * subnetsPerSite).map(subnet),
    SecurityGroups: groupPlans.map(securityGroup),
    NetworkAcls: indexes(subnetsPerSite).map(networkAcl),
    NetworkInterfaces: indexes(localHostCount).map(networkInterface),
  };
  mkdirSync(folder, { recursive: true });
  for (const [name, list] of Object.entries(files))
    writeFileSync(join(folder, `${name}.json`), `${JSON.stringify({ [name]: list }, undefined, 1)}\n`);
}
