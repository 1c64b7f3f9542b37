import { randomBytes } from 'node:crypto';
import type {
  AssociateVpcCidrBlockRequest,
  CreateVpcRequest,
  VpcCidrBlockAssociation,
  VpcIpv6CidrBlockAssociation,
} from '@aws-sdk/client-ec2';
import { ServiceError } from '../../fault/index.ts';
import { formatPrefix, type Prefix, parsePrefix } from '../../ip/index.ts';
import { newId, type ResourceView } from '../../resource/index.ts';
import { type VpcResource, vpcs } from '../../vpc/index.ts';
import { contains, ipv4Block, overlaps, prefixesOf } from './cidr.ts';
import { ec2Errors } from './errors.ts';

/** AWS's default quotas for one VPC. */
const mostIpv4Blocks = 5;
const mostIpv6Blocks = 5;

/** Ranges that AWS does not mix in one VPC. */
const privateRanges = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '198.19.0.0/16'].map(
  (text) => parsePrefix(text)!,
);

type BlockRequest = CreateVpcRequest | AssociateVpcCidrBlockRequest;

/** The texts of a VPC's IPv4 blocks, the first one first. */
export function ipv4BlocksOf({ CidrBlock, CidrBlockAssociationSet }: VpcResource): string[] {
  const blocks = [CidrBlock, ...(CidrBlockAssociationSet ?? []).map((entry) => entry.CidrBlock)];
  return [...new Set(blocks.filter((block) => block !== undefined))];
}

export function ipv6BlocksOf({ Ipv6CidrBlockAssociationSet }: VpcResource): string[] {
  return (Ipv6CidrBlockAssociationSet ?? []).flatMap(({ Ipv6CidrBlock }) => Ipv6CidrBlock ?? []);
}

/**
 * @throws ServiceError `MissingParameter`, `InvalidParameterValue`, `InvalidVpc.Range`
 */
export function requestedIpv4Block(input: BlockRequest): Prefix {
  if (input.Ipv4IpamPoolId !== undefined) throw noIpamPool(input.Ipv4IpamPoolId);
  if (input.CidrBlock === undefined) {
    throw new ServiceError('MissingParameter', "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.");
  }
  const block = ipv4Block(input.CidrBlock, 'cidrBlock');
  if (block.length < 16 || block.length > 28) throw invalidRange(input.CidrBlock);
  return block;
}

/** Whether the request asks for an IPv6 block. @throws ServiceError for a pool of the user's: there is none */
export function wantsIpv6(input: BlockRequest): boolean {
  if (input.Ipv6IpamPoolId !== undefined) throw noIpamPool(input.Ipv6IpamPoolId);
  if (input.Ipv6Pool !== undefined) {
    throw new ServiceError('InvalidIpv6PoolID.NotFound', `The pool ID '${input.Ipv6Pool}' does not exist`);
  }
  return input.AmazonProvidedIpv6CidrBlock === true;
}

export function ipv4Association(block: string): VpcCidrBlockAssociation {
  return {
    AssociationId: newId('vpc-cidr-assoc'),
    CidrBlock: block,
    CidrBlockState: { State: 'associated' },
  };
}

/** A /56 of 2001:db8::/32 (RFC 3849) that no VPC of any account has. */
export function ipv6Association(view: ResourceView, region: string): VpcIpv6CidrBlockAssociation {
  const taken = new Set<string>();
  for (const place of view.places(vpcs)) {
    for (const vpc of view.list(vpcs, place)) for (const block of ipv6BlocksOf(vpc)) taken.add(block);
  }
  let block: string;
  do block = documentationBlock(randomBytes(3));
  while (taken.has(block));
  return {
    AssociationId: newId('vpc-cidr-assoc'),
    Ipv6CidrBlock: block,
    Ipv6CidrBlockState: { State: 'associated' },
    NetworkBorderGroup: region,
    Ipv6Pool: 'Amazon',
    Ipv6AddressAttribute: 'public',
    IpSource: 'amazon',
  };
}

function documentationBlock(bytes: Uint8Array): string {
  const number = (bytes[0] << 16) | (bytes[1] << 8) | bytes[2];
  return formatPrefix({ family: 6, words: [0x20010db8, number << 8, 0, 0], length: 56 });
}

/**
 * A further IPv4 block of a VPC: within AWS's restrictions, and free.
 * @throws ServiceError `CidrLimitExceeded`, `InvalidVpc.Range`, `CidrConflict`
 */
export function checkFurtherBlock(vpc: VpcResource, block: Prefix): void {
  const blocks = prefixesOf(ipv4BlocksOf(vpc));
  if (blocks.length >= mostIpv4Blocks) throw tooManyBlocks(vpc, mostIpv4Blocks);
  const text = formatPrefix(block);
  if (blocks.some((other) => overlaps(other, block))) {
    throw new ServiceError('CidrConflict', `The CIDR '${text}' conflicts with another CIDR of the VPC`);
  }
  const range = privateRanges.find((candidate) => contains(candidate, block));
  if (range && blocks[0] && !contains(range, blocks[0])) {
    throw new ServiceError(
      'InvalidVpc.Range',
      `The CIDR '${text}' is restricted. Use a CIDR from the same private address range as the current VPC CIDR, or use a publicly-routable CIDR.`,
    );
  }
}

/** @throws ServiceError `CidrLimitExceeded` */
export function checkFurtherIpv6Block(vpc: VpcResource): void {
  if (ipv6BlocksOf(vpc).length >= mostIpv6Blocks) throw tooManyBlocks(vpc, mostIpv6Blocks);
}

function tooManyBlocks({ VpcId }: VpcResource, most: number): ServiceError {
  return ec2Errors.limitExceeded(
    'CidrLimitExceeded',
    `This network '${VpcId}' has met its maximum number of allowed CIDRs: ${most}`,
  );
}

function invalidRange(text: string): ServiceError {
  return new ServiceError('InvalidVpc.Range', `The CIDR '${text}' is invalid.`);
}

function noIpamPool(id: string): ServiceError {
  return new ServiceError('InvalidIpamPoolId.NotFound', `The IPAM pool ID '${id}' does not exist`);
}
