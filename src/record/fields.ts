/** The one table of record fields. Everything that names a field reads it; the browser does too, so no `node:` here. */

export type FieldType = 'string' | 'int32' | 'int64';

/**
 * Where a field's value comes from: the packets and the verdict on them, the description of the network, AWS's
 * `ip-ranges.json`; `never` is always `-`.
 */
export type FieldSource = 'packets' | 'network' | 'ip-ranges' | 'never';

export interface Field {
  /** The spelling in a log format and in a header line: `account-id`. */
  readonly token: FieldToken;
  /** The spelling in TypeScript and JSON: `accountId`. */
  readonly property: string;
  /** The spelling in Parquet and SQL: `account_id`. */
  readonly column: string;
  /** The spelling in Logs Insights: `accountId`, `srcAddr`, `startTime`. */
  readonly insights: string;
  /** The version of flow logs that introduced it; 0 for Headgate's own, so that they never raise a format's version. */
  readonly version: number;
  readonly type: FieldType;
  readonly origin: 'aws' | 'headgate';
  readonly computed: FieldSource;
  /** One sentence without the full stop. */
  readonly meaning: string;
  /** When the value is `-`; absent when only NODATA and SKIPDATA records leave it out. */
  readonly missing: string | undefined;
}

interface Row<Token extends string = string> {
  readonly token: Token;
  readonly version: number;
  readonly type: FieldType;
  readonly computed: FieldSource;
  readonly meaning: string;
  readonly missing: string | undefined;
}

function row<const Token extends string>(
  token: Token,
  version: number,
  type: FieldType,
  computed: FieldSource,
  meaning: string,
  missing?: string,
): Row<Token> {
  return { token, version, type, computed, meaning, missing };
}

const noEcs = 'Headgate does not ask Amazon ECS about tasks';
const noAutoScaling = 'Headgate knows no Auto Scaling groups';
const undescribed = 'the network description does not say';
const noNextHop = 'the next hop is no network interface of the described network';
const noIpRanges = 'no prefix of `--ip-ranges` holds the address, or the option is not given';

/** Order and versions of the AWS page "Flow log records"; meanings in our words. */
const rows = [
  row('version', 2, 'int32', 'packets', 'The highest version among the fields of the log format'),
  row('account-id', 2, 'string', 'network', 'The account that owns the network interface'),
  row('interface-id', 2, 'string', 'network', 'The network interface that saw the traffic'),
  row(
    'srcaddr',
    2,
    'string',
    'packets',
    'Source address; on egress over IPv4 the primary private address of the interface',
  ),
  row(
    'dstaddr',
    2,
    'string',
    'packets',
    'Destination address; on ingress over IPv4 the primary private address of the interface',
  ),
  row('srcport', 2, 'int32', 'packets', 'Source port; 0 for protocols without ports'),
  row('dstport', 2, 'int32', 'packets', 'Destination port; 0 for protocols without ports'),
  row('protocol', 2, 'int32', 'packets', 'IANA protocol number'),
  row('packets', 2, 'int64', 'packets', 'Packets of the flow in the aggregation interval'),
  row('bytes', 2, 'int64', 'packets', 'Bytes of those packets, IP headers included and link headers not'),
  row('start', 2, 'int64', 'packets', 'When the first packet was seen, in Unix seconds'),
  row('end', 2, 'int64', 'packets', 'When the last packet was seen, in Unix seconds'),
  row('action', 2, 'string', 'packets', 'ACCEPT, or REJECT by a security group or a network ACL'),
  row(
    'log-status',
    2,
    'string',
    'packets',
    'OK, NODATA (the interface had no traffic) or SKIPDATA (records were lost)',
  ),
  row('vpc-id', 3, 'string', 'network', 'The VPC of the network interface', undescribed),
  row('subnet-id', 3, 'string', 'network', 'The subnet of the network interface', undescribed),
  row(
    'instance-id',
    3,
    'string',
    'network',
    'The instance that the network interface is attached to',
    'no instance of the account is attached',
  ),
  row(
    'tcp-flags',
    3,
    'int32',
    'packets',
    'FIN 1, SYN 2, RST 4 and SYN-ACK 18, joined over the packets; 0 for other protocols',
  ),
  row('type', 3, 'string', 'packets', 'IPv4 or IPv6'),
  row('pkt-srcaddr', 3, 'string', 'packets', 'Source address in the packet'),
  row('pkt-dstaddr', 3, 'string', 'packets', 'Destination address in the packet'),
  row('region', 4, 'string', 'network', 'The Region of the network interface', undescribed),
  row(
    'az-id',
    4,
    'string',
    'network',
    'The ID of its Availability Zone',
    `${undescribed}, or the subnet is in a sublocation`,
  ),
  row(
    'sublocation-type',
    4,
    'string',
    'network',
    'wavelength, outpost or localzone',
    'the subnet is in no sublocation',
  ),
  row(
    'sublocation-id',
    4,
    'string',
    'network',
    'The ID of the sublocation',
    'the subnet is in no sublocation',
  ),
  row(
    'pkt-src-aws-service',
    5,
    'string',
    'ip-ranges',
    'The AWS service that pkt-srcaddr belongs to',
    noIpRanges,
  ),
  row(
    'pkt-dst-aws-service',
    5,
    'string',
    'ip-ranges',
    'The AWS service that pkt-dstaddr belongs to',
    noIpRanges,
  ),
  row('flow-direction', 5, 'string', 'packets', 'ingress or egress, seen from the network interface'),
  row(
    'traffic-path',
    5,
    'int32',
    'network',
    'The way out: 1 same VPC, 2 or 8 internet gateway, 3 virtual private gateway, 4 and 5 peering, 6 zone, 7 gateway endpoint',
    'the traffic is ingress, or no route says',
  ),
  row('ecs-cluster-arn', 7, 'string', 'never', 'The ARN of the ECS cluster of the task', noEcs),
  row('ecs-cluster-name', 7, 'string', 'never', 'The name of the ECS cluster', noEcs),
  row('ecs-container-instance-arn', 7, 'string', 'never', 'The ARN of the ECS container instance', noEcs),
  row('ecs-container-instance-id', 7, 'string', 'never', 'The ID of the ECS container instance', noEcs),
  row('ecs-container-id', 7, 'string', 'never', 'The runtime ID of the first container of the task', noEcs),
  row(
    'ecs-second-container-id',
    7,
    'string',
    'never',
    'The runtime ID of the second container of the task',
    noEcs,
  ),
  row('ecs-service-name', 7, 'string', 'never', 'The ECS service that started the task', noEcs),
  row('ecs-task-definition-arn', 7, 'string', 'never', 'The ARN of the task definition', noEcs),
  row('ecs-task-arn', 7, 'string', 'never', 'The ARN of the task', noEcs),
  row('ecs-task-id', 7, 'string', 'never', 'The ID of the task', noEcs),
  row(
    'reject-reason',
    8,
    'string',
    'never',
    'BPA or EC, when a VPC-wide block refused the traffic',
    'Headgate has neither VPC Block Public Access nor encryption controls; `decided-by` names the rule',
  ),
  row(
    'resource-id',
    9,
    'string',
    'never',
    'The regional NAT gateway that saw the traffic',
    'Headgate sees traffic at network interfaces, which regional NAT gateways have not',
  ),
  row(
    'encryption-status',
    10,
    'int32',
    'never',
    'Whether the traffic was encrypted by the hardware or the application',
    'Headgate cannot see what encrypts the network',
  ),
  row(
    'instance-tag',
    11,
    'string',
    'network',
    'The value of the first tag key chosen for instances, percent-encoded',
    'no key is chosen, or the instance has no such tag',
  ),
  row(
    'instance-tag-2',
    11,
    'string',
    'network',
    'The value of the second tag key chosen for instances, percent-encoded',
    'no second key is chosen, or the instance has no such tag',
  ),
  row(
    'interface-tag',
    11,
    'string',
    'network',
    'The value of the first tag key chosen for network interfaces, percent-encoded',
    'no key is chosen, or the interface has no such tag',
  ),
  row(
    'interface-tag-2',
    11,
    'string',
    'network',
    'The value of the second tag key chosen for network interfaces, percent-encoded',
    'no second key is chosen, or the interface has no such tag',
  ),
  row(
    'asg-tag',
    11,
    'string',
    'never',
    'The value of the first tag key chosen for Auto Scaling groups',
    noAutoScaling,
  ),
  row(
    'asg-tag-2',
    11,
    'string',
    'never',
    'The value of the second tag key chosen for Auto Scaling groups',
    noAutoScaling,
  ),
  row(
    'interface-type',
    11,
    'string',
    'network',
    'The kind of service interface: nat_gateway, network_load_balancer, transit_gateway, vpc_endpoint …',
    'it is an ordinary interface',
  ),
  row(
    'next-hop-interface-id',
    11,
    'string',
    'network',
    'The network interface that the traffic goes to next, or on ingress came from',
    noNextHop,
  ),
  row('next-hop-subnet-id', 11, 'string', 'network', 'Its subnet', noNextHop),
  row('next-hop-az-id', 11, 'string', 'network', 'The ID of its Availability Zone', noNextHop),
  row('next-hop-vpc-id', 11, 'string', 'network', 'Its VPC', noNextHop),
  row(
    'next-hop-interface-type',
    11,
    'string',
    'network',
    'Its kind, as in interface-type',
    `${noNextHop}, or it is an ordinary interface`,
  ),
] as const;

/** What AWS's records cannot say. */
const ownRows = [
  row(
    'decided-by',
    0,
    'string',
    'packets',
    'The rule that accepted or refused: group or ACL, direction, rule ID, entry number or `default`',
  ),
  row(
    'initiator',
    0,
    'string',
    'packets',
    'Who began the conversation: local (this interface) or peer',
    'it began before the capture did',
  ),
] as const;

export type FieldToken = (typeof rows)[number]['token'] | (typeof ownRows)[number]['token'];

/**
 * Logs Insights capitalizes where the tokens do not: the discovered fields of VPC flow logs (CloudWatch Logs User
 * Guide, "Supported logs and discovered fields"); `pkt-…` as published queries write it.
 */
const insightsNames: Readonly<Record<string, string>> = {
  srcaddr: 'srcAddr',
  dstaddr: 'dstAddr',
  srcport: 'srcPort',
  dstport: 'dstPort',
  start: 'startTime',
  end: 'endTime',
  'pkt-srcaddr': 'pktSrcAddr',
  'pkt-dstaddr': 'pktDstAddr',
};

function field(source: Row<FieldToken>, origin: Field['origin']): Field {
  const { token } = source;
  const property = token.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return {
    ...source,
    origin,
    property,
    column: token.replaceAll('-', '_'),
    insights: insightsNames[token] ?? property,
  };
}

/** All fields: AWS's 54 in the order of their documentation, then Headgate's own. */
export const fields: readonly Field[] = [
  ...rows.map((source) => field(source, 'aws')),
  ...ownRows.map((source) => field(source, 'headgate')),
];

const byToken: ReadonlyMap<string, Field> = new Map(fields.map((entry) => [entry.token, entry]));

export function fieldOf(token: string): Field | undefined {
  return byToken.get(token);
}
