import type { InterfaceFacts } from '../vpc/interface-facts.ts';
import type { Path } from '../vpc/path-finder.ts';
import { fieldText, tagText } from './field-text.ts';
import type { FieldToken } from './fields.ts';
import type { TagKeys } from './record-context.ts';

/**
 * The parts of a flow that records can show, each a 32-bit word in the tuple by which flows are merged: a number, or
 * the number of a text in a dictionary. `interface` and `path` stand for all that the format shows of them.
 */
export const part = {
  window: 0,
  interface: 1,
  source: 2,
  destination: 3,
  packetSource: 4,
  packetDestination: 5,
  sourcePort: 6,
  destinationPort: 7,
  protocol: 8,
  family: 9,
  direction: 10,
  action: 11,
  initiator: 12,
  cause: 13,
  sourceService: 14,
  destinationService: 15,
  path: 16,
} as const;
export type Part = (typeof part)[keyof typeof part];

/** Where the values of a field come from. */
export type Shown =
  | { readonly from: 'constant' }
  | { readonly from: 'never' }
  | { readonly from: 'counter' }
  | { readonly from: 'number'; readonly part: Part }
  | { readonly from: 'word'; readonly part: Part; readonly words: readonly string[] }
  | { readonly from: 'address'; readonly part: Part }
  | { readonly from: 'dictionary'; readonly part: Part }
  | { readonly from: 'interface'; readonly read: (facts: InterfaceFacts, tagKeys: TagKeys) => string }
  | { readonly from: 'path'; readonly read: (path: Path) => string };

const never: Shown = { from: 'never' };
const constant: Shown = { from: 'constant' };
const counter: Shown = { from: 'counter' };
const number = (which: Part): Shown => ({ from: 'number', part: which });
const address = (which: Part): Shown => ({ from: 'address', part: which });
const dictionary = (which: Part): Shown => ({ from: 'dictionary', part: which });
const word = (which: Part, ...words: string[]): Shown => ({ from: 'word', part: which, words });

const facts = (read: (facts: InterfaceFacts) => string | undefined): Shown => ({
  from: 'interface',
  read: (of) => fieldText(read(of)),
});
const instanceTag = (index: number): Shown => ({
  from: 'interface',
  read: (of, keys) => tagText(own(of.instanceTags, keys.instance?.[index])),
});
const interfaceTag = (index: number): Shown => ({
  from: 'interface',
  read: (of, keys) => tagText(own(of.interfaceTags, keys['network-interface']?.[index])),
});
const nextHop = (read: (hop: NonNullable<Path['nextHop']>) => string | undefined): Shown => ({
  from: 'path',
  read: ({ nextHop: hop }) => fieldText(hop && read(hop)),
});

function own(tags: Readonly<Record<string, string>>, key: string | undefined): string | undefined {
  return key !== undefined && Object.hasOwn(tags, key) ? tags[key] : undefined;
}

export const shownBy: Readonly<Record<FieldToken, Shown>> = {
  version: constant,
  'account-id': facts((of) => of.accountId),
  'interface-id': facts((of) => of.interfaceId),
  srcaddr: address(part.source),
  dstaddr: address(part.destination),
  srcport: number(part.sourcePort),
  dstport: number(part.destinationPort),
  protocol: number(part.protocol),
  packets: counter,
  bytes: counter,
  start: counter,
  end: counter,
  action: word(part.action, 'REJECT', 'ACCEPT'),
  'log-status': constant,
  'vpc-id': facts((of) => of.vpcId),
  'subnet-id': facts((of) => of.subnetId),
  'instance-id': facts((of) => of.instanceId),
  'tcp-flags': counter,
  type: word(part.family, 'IPv4', 'IPv6'),
  'pkt-srcaddr': address(part.packetSource),
  'pkt-dstaddr': address(part.packetDestination),
  region: facts((of) => of.region),
  'az-id': facts((of) => of.azId),
  'sublocation-type': facts((of) => of.sublocationType),
  'sublocation-id': facts((of) => of.sublocationId),
  'pkt-src-aws-service': dictionary(part.sourceService),
  'pkt-dst-aws-service': dictionary(part.destinationService),
  'flow-direction': word(part.direction, 'ingress', 'egress'),
  'traffic-path': { from: 'path', read: ({ trafficPath }) => trafficPath?.toString() ?? '-' },
  'ecs-cluster-arn': never,
  'ecs-cluster-name': never,
  'ecs-container-instance-arn': never,
  'ecs-container-instance-id': never,
  'ecs-container-id': never,
  'ecs-second-container-id': never,
  'ecs-service-name': never,
  'ecs-task-definition-arn': never,
  'ecs-task-arn': never,
  'ecs-task-id': never,
  'reject-reason': never,
  'resource-id': never,
  'encryption-status': never,
  'instance-tag': instanceTag(0),
  'instance-tag-2': instanceTag(1),
  'interface-tag': interfaceTag(0),
  'interface-tag-2': interfaceTag(1),
  'asg-tag': never,
  'asg-tag-2': never,
  'interface-type': facts((of) => of.interfaceType),
  'next-hop-interface-id': nextHop((hop) => hop.interfaceId),
  'next-hop-subnet-id': nextHop((hop) => hop.subnetId),
  'next-hop-az-id': nextHop((hop) => hop.azId),
  'next-hop-vpc-id': nextHop((hop) => hop.vpcId),
  'next-hop-interface-type': nextHop((hop) => hop.interfaceType),
  'decided-by': dictionary(part.cause),
  initiator: word(part.initiator, '-', 'local', 'peer'),
};
