import type {
  CreateNetworkAclEntryRequest,
  DeleteNetworkAclEntryRequest,
  NetworkAclEntry,
  ReplaceNetworkAclEntryRequest,
} from '@aws-sdk/client-ec2';
import { ServiceError } from '../../fault/index.ts';
import { formatPrefix, parsePrefix } from '../../ip/index.ts';
import type { Draft, Place, Stored } from '../../resource/index.ts';
import { networkAcls, protocolNumber } from '../../vpc/index.ts';
import type { Call } from '../action.ts';
import { existingTargets } from './arns.ts';
import { ec2Errors } from './errors.ts';
import { subject } from './lookup.ts';
import type { AclResource } from './network-acls.ts';
import type { Actions, Ec2Parts } from './parts.ts';
import { resourceTypes } from './resource-types.ts';

type Entry = Stored<NetworkAclEntry>;
type EntryRequest = CreateNetworkAclEntryRequest | ReplaceNetworkAclEntryRequest;

/** Of one direction; AWS's default is 20 for each family, and 40 is the most that it gives. */
const mostEntries = 40;
const largestNumber = 32_766;
const tcp = 6;
const udp = 17;
const icmp = 1;
const icmpv6 = 58;

export function networkAclEntryActions({ resources }: Ec2Parts): Actions {
  const targets = ({ NetworkAclId }: EntryRequest | DeleteNetworkAclEntryRequest, call: Call) =>
    existingTargets(resources, resourceTypes.networkAcl, call, [NetworkAclId]);
  return {
    CreateNetworkAclEntry: {
      targets,
      run: (input: CreateNetworkAclEntryRequest, { place }: Call) =>
        resources.write((draft) => createEntry(draft, place, input)),
    },
    ReplaceNetworkAclEntry: {
      targets,
      run: (input: ReplaceNetworkAclEntryRequest, { place }: Call) =>
        resources.write((draft) => replaceEntry(draft, place, input)),
    },
    DeleteNetworkAclEntry: {
      targets,
      run: (input: DeleteNetworkAclEntryRequest, { place }: Call) =>
        resources.write((draft) => deleteEntry(draft, place, input)),
    },
  };
}

function createEntry(draft: Draft, place: Place, input: CreateNetworkAclEntryRequest): object {
  const acl = subject(draft, resourceTypes.networkAcl, place, input.NetworkAclId);
  const entry = entryOf(input);
  const others = acl.Entries ?? [];
  if (others.some((other) => isSame(other, entry))) {
    throw new ServiceError(
      'NetworkAclEntryAlreadyExists',
      `The network acl entry identified by ${entry.RuleNumber} already exists.`,
    );
  }
  if (others.filter((other) => isOfUser(other) && isAlike(other, entry)).length >= mostEntries) {
    throw ec2Errors.limitExceeded(
      'NetworkAclEntryLimitExceeded',
      'The maximum number of network acl entries has been reached.',
    );
  }
  return putEntries(draft, place, acl, [...others, entry]);
}

function replaceEntry(draft: Draft, place: Place, input: ReplaceNetworkAclEntryRequest): object {
  const acl = subject(draft, resourceTypes.networkAcl, place, input.NetworkAclId);
  const entry = entryOf(input);
  return putEntries(draft, place, acl, [...otherEntries(acl, entry), entry]);
}

function deleteEntry(draft: Draft, place: Place, input: DeleteNetworkAclEntryRequest): object {
  const acl = subject(draft, resourceTypes.networkAcl, place, input.NetworkAclId);
  const { RuleNumber = 0, Egress = false } = input;
  checkNumber(RuleNumber);
  return putEntries(draft, place, acl, otherEntries(acl, { RuleNumber, Egress }));
}

/** @throws ServiceError `InvalidNetworkAclEntry.NotFound` when the ACL has no such entry */
function otherEntries({ Entries = [] }: AclResource, entry: Entry): Entry[] {
  const others = Entries.filter((other) => !isSame(other, entry));
  if (others.length === Entries.length) {
    throw new ServiceError(
      'InvalidNetworkAclEntry.NotFound',
      `The network acl entry identified by ${entry.RuleNumber} does not exist.`,
    );
  }
  return others;
}

function putEntries(draft: Draft, place: Place, acl: AclResource, Entries: Entry[]): object {
  draft.put(networkAcls, place, acl.NetworkAclId!, { ...acl, Entries });
  return {};
}

function isSame(a: Entry, b: Entry): boolean {
  return a.RuleNumber === b.RuleNumber && (a.Egress ?? false) === (b.Egress ?? false);
}

function isAlike(a: Entry, b: Entry): boolean {
  const isIpv4 = ({ CidrBlock }: Entry) => CidrBlock !== undefined;
  return (a.Egress ?? false) === (b.Egress ?? false) && isIpv4(a) === isIpv4(b);
}

function isOfUser({ RuleNumber = 0 }: Entry): boolean {
  return RuleNumber <= largestNumber;
}

function checkNumber(number: number): void {
  if (number >= 1 && number <= largestNumber) return;
  throw ec2Errors.invalidParameterValue(
    `${number}`,
    'ruleNumber',
    `The rule number must be between 1 and ${largestNumber}.`,
  );
}

/** @throws ServiceError */
function entryOf(input: EntryRequest): Entry {
  const { RuleNumber = 0, RuleAction, Egress = false, Protocol = '' } = input;
  checkNumber(RuleNumber);
  const protocol = protocolNumber(Protocol.toLowerCase());
  if (protocol === undefined) {
    throw ec2Errors.invalidParameterValue(Protocol, 'protocol', 'Unknown protocol.');
  }
  return {
    RuleNumber,
    RuleAction: RuleAction!,
    Egress,
    Protocol: `${protocol}`,
    ...blockOf(input),
    ...detailOf(protocol, input),
  };
}

function blockOf({ CidrBlock, Ipv6CidrBlock }: EntryRequest): Pick<Entry, 'CidrBlock' | 'Ipv6CidrBlock'> {
  if (CidrBlock !== undefined && Ipv6CidrBlock !== undefined) {
    throw ec2Errors.invalidCombination(
      'The parameter ipv6CidrBlock may not be used with the parameter cidrBlock',
    );
  }
  if (CidrBlock !== undefined) return { CidrBlock: canonical(CidrBlock, 4, 'cidrBlock') };
  if (Ipv6CidrBlock !== undefined) return { Ipv6CidrBlock: canonical(Ipv6CidrBlock, 6, 'ipv6CidrBlock') };
  throw ec2Errors.missingParameter('cidrBlock');
}

function canonical(text: string, family: 4 | 6, parameter: string): string {
  const prefix = parsePrefix(text);
  if (prefix?.family === family) return formatPrefix(prefix);
  const what = family === 4 ? 'CIDR block' : 'IPv6 CIDR block';
  throw ec2Errors.invalidParameterValue(text, parameter, `This is not a valid ${what}.`);
}

/** Ports of TCP and UDP, type and code of ICMP; of other protocols nothing is kept. */
function detailOf(
  protocol: number,
  { PortRange, IcmpTypeCode }: EntryRequest,
): Pick<Entry, 'PortRange' | 'IcmpTypeCode'> {
  if (protocol === tcp || protocol === udp) return { PortRange: portsOf(PortRange) };
  if (protocol === icmp || protocol === icmpv6) return { IcmpTypeCode: icmpOf(IcmpTypeCode) };
  return {};
}

function portsOf(range: EntryRequest['PortRange']): NonNullable<Entry['PortRange']> {
  const { From, To } = range ?? {};
  if (From === undefined || To === undefined) throw ec2Errors.missingParameter('portRange');
  for (const port of [From, To]) {
    if (port < 0 || port > 65_535) {
      throw ec2Errors.invalidParameterValue(`${port}`, 'portRange', 'Ports must be between 0 and 65535.');
    }
  }
  if (From > To) {
    throw ec2Errors.invalidParameterValue(
      `${From}-${To}`,
      'portRange',
      'The first port must not be above the last one.',
    );
  }
  return { From, To };
}

function icmpOf(given: EntryRequest['IcmpTypeCode']): NonNullable<Entry['IcmpTypeCode']> {
  if (!given) throw ec2Errors.missingParameter('icmpTypeCode');
  const { Type = -1, Code = -1 } = given;
  for (const value of [Type, Code]) {
    if (value < -1 || value > 255) {
      throw ec2Errors.invalidParameterValue(`${value}`, 'icmpTypeCode', 'Type and code are from -1 to 255.');
    }
  }
  return { Type, Code };
}
