import type { NetworkAcl, NetworkInterface, SecurityGroup, SecurityGroupRule } from '@aws-sdk/client-ec2';
import type { Network } from '../src/vpc/index.ts';
import { networkOf } from './network-folder.ts';
import { aclEntry, securityGroup } from './policy/fixtures.ts';

export interface TestInterface {
  readonly id: string;
  /** IPv4 and IPv6; the first IPv4 address is the primary one. */
  readonly addresses: readonly string[];
  readonly subnet?: string;
  readonly groups?: readonly string[];
  readonly mac?: string;
  readonly instance?: string;
  readonly type?: NetworkInterface['InterfaceType'];
}

export interface TestNetworkOptions {
  readonly account?: string;
  readonly vpcId?: string;
  readonly cidr?: string;
  /** CIDR blocks by subnet id. */
  readonly subnets?: Readonly<Record<string, string>>;
  readonly interfaces: readonly TestInterface[];
  /** Rules as `permission` of the policy fixtures reads them; a group lets all out unless it says what. */
  readonly groups?: Readonly<Record<string, { ingress: readonly string[]; egress?: readonly string[] }>>;
  readonly groupRules?: readonly SecurityGroupRule[];
  /** Entries as `aclEntry` of the policy fixtures reads them; an ACL of no subnets is the VPC's default one. */
  readonly acls?: Readonly<
    Record<string, { subnets?: readonly string[]; ingress: readonly string[]; egress: readonly string[] }>
  >;
}

/** A described network of one VPC, out of short texts. */
export function testNetwork(options: TestNetworkOptions): Network {
  const { vpcId = 'vpc-abcdefab012345678', cidr = '10.0.0.0/16', account = '123456789010' } = options;
  const subnets = options.subnets ?? { 'subnet-1': '10.0.1.0/24' };
  const firstSubnet = Object.keys(subnets)[0];
  const firstGroup = Object.keys(options.groups ?? {}).slice(0, 1);
  return networkOf({
    vpcs: [{ VpcId: vpcId, CidrBlock: cidr, OwnerId: account }],
    subnets: Object.entries(subnets).map(([SubnetId, block]) => ({
      SubnetId,
      VpcId: vpcId,
      ...(block.includes(':')
        ? {
            Ipv6CidrBlockAssociationSet: [
              { Ipv6CidrBlock: block, Ipv6CidrBlockState: { State: 'associated' } },
            ],
          }
        : { CidrBlock: block }),
    })),
    networkInterfaces: options.interfaces.map((one) =>
      interfaceOf({ subnet: firstSubnet, groups: firstGroup, ...one }, vpcId, account),
    ),
    securityGroups: Object.entries(options.groups ?? {}).map(
      ([id, { ingress, egress }]): SecurityGroup => ({ ...securityGroup(id, ingress, egress), VpcId: vpcId }),
    ),
    securityGroupRules: options.groupRules ?? [],
    networkAcls: Object.entries(options.acls ?? {}).map(
      ([NetworkAclId, acl]): NetworkAcl => ({
        NetworkAclId,
        VpcId: vpcId,
        IsDefault: acl.subnets === undefined,
        Associations: (acl.subnets ?? []).map((SubnetId) => ({ NetworkAclId, SubnetId })),
        Entries: [
          ...acl.ingress.map((text) => aclEntry('ingress', text)),
          ...acl.egress.map((text) => aclEntry('egress', text)),
        ],
      }),
    ),
  });
}

function interfaceOf(
  { id, addresses, subnet, groups = [], mac, instance, type }: TestInterface,
  vpcId: string,
  account: string,
): NetworkInterface {
  const ipv4 = addresses.filter((address) => !address.includes(':'));
  const ipv6 = addresses.filter((address) => address.includes(':'));
  return {
    NetworkInterfaceId: id,
    OwnerId: account,
    VpcId: vpcId,
    SubnetId: subnet,
    InterfaceType: type ?? 'interface',
    Groups: groups.map((GroupId) => ({ GroupId })),
    ...(ipv4.length > 0 ? { PrivateIpAddress: ipv4[0] } : {}),
    PrivateIpAddresses: ipv4.map((PrivateIpAddress, i) => ({ PrivateIpAddress, Primary: i === 0 })),
    Ipv6Addresses: ipv6.map((Ipv6Address) => ({ Ipv6Address })),
    ...(mac === undefined ? {} : { MacAddress: mac }),
    ...(instance === undefined ? {} : { Attachment: { InstanceId: instance, InstanceOwnerId: account } }),
  };
}
