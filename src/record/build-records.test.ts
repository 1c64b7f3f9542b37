import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainFlow, type TestFlow, testRows } from '../../test/flow-rows.ts';
import { formatAddress, parseAddress } from '../ip/index.ts';
import { direction, initiator } from '../policy/answer.ts';
import type { InterfaceFacts } from '../vpc/interface-facts.ts';
import type { Path } from '../vpc/path-finder.ts';
import { buildRecords } from './build-records.ts';
import { type Field, fields } from './fields.ts';
import { defaultLogFormat, type LogFormat, logFormat, parseHeader } from './log-format.ts';
import type { RecordContext, RecordOptions } from './record-context.ts';
import { statusRecords } from './status-records.ts';
import { renderLines } from './text.ts';

const word = (text: string) => parseAddress(text)!.words[3];
const primaryIpv4 = word('172.31.16.21');

const plainFacts: InterfaceFacts = {
  accountId: '123456789010',
  interfaceId: 'eni-1235b8ca123456789',
  vpcId: 'vpc-abcdefab012345678',
  subnetId: 'subnet-aaaaaaaa012345678',
  region: 'us-east-1',
  azId: 'use1-az1',
  instanceTags: { Name: 'web-1', Owner: 'a b/ü' },
  interfaceTags: { Name: '' },
};

/** Four interfaces, two of one VPC; the last has no IPv4 address. */
const interfaces: readonly InterfaceFacts[] = [
  { ...plainFacts, primaryIpv4, instanceId: 'i-01234567890123456' },
  { ...plainFacts, primaryIpv4: word('10.0.0.2'), interfaceId: 'eni-2' },
  {
    ...plainFacts,
    primaryIpv4,
    interfaceId: 'eni-3',
    instanceId: 'i-01234567890123456',
    vpcId: 'vpc-3',
    interfaceType: 'nat_gateway',
  },
  { ...plainFacts, interfaceId: 'eni-4', instanceId: 'i-01234567890123456' },
];

const context: RecordContext = {
  causes: ['sg-1/ingress/sgr-1', 'acl-1/egress/100', 'sg-1/ingress/sgr-1'],
  facts: (index) => interfaces[index],
  pathTo: (index, flowDirection, peer): Path => {
    if (flowDirection === direction.ingress) return {};
    const trafficPath = (peer.words[3] & 1) === 1 ? 8 : 1;
    return trafficPath === 8 ? { trafficPath } : { trafficPath, nextHop: { azId: `use1-az${index}` } };
  },
  awsService: ({ words }) => (words[3] >>> 24 === 52 ? 'S3' : undefined),
};

function lines(flows: readonly Partial<TestFlow>[], header: string, options?: RecordOptions): string[] {
  const batch = buildRecords(testRows(flows), context, parseHeader(header), options);
  return renderLines(batch, { header: false }).split('\n').slice(0, -1);
}

describe('buildRecords', () => {
  it('gives AWS’s example in the default format', () => {
    const batch = buildRecords(testRows([{}]), context, defaultLogFormat);
    expect(renderLines(batch, { header: false })).toBe(
      '2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK\n',
    );
    expect([...batch.endSeconds, ...batch.packets, ...batch.bytes]).toEqual([1418530070, 20, 4249]);
  });

  it('tells of each record the interface of its first flow', () => {
    const flows = [{ interfaceIndex: 1 }, { interfaceIndex: 0 }, { interfaceIndex: 1 }];
    const ids = (header: string) =>
      buildRecords(testRows(flows), context, parseHeader(header)).interfaceIds.map((id) =>
        interfaces.findIndex(({ interfaceId }) => interfaceId === id),
      );
    expect(ids('interface-id packets')).toEqual([1, 0]);
    expect(ids('action packets')).toEqual([1]);
  });

  const addresses = 'srcaddr dstaddr pkt-srcaddr pkt-dstaddr';
  const { ingress, egress } = direction;
  it.each([
    {
      name: 'ingress to the primary address',
      flow: {},
      line: '172.31.16.139 172.31.16.21 172.31.16.139 172.31.16.21',
    },
    {
      name: 'ingress to a secondary address',
      flow: { dst: '172.31.16.99' },
      line: '172.31.16.139 172.31.16.21 172.31.16.139 172.31.16.99',
    },
    {
      name: 'ingress that is forwarded (reference 9.6, instance to NAT gateway)',
      flow: { interfaceIndex: 1, src: '10.0.1.5', dst: '203.0.113.5' },
      line: '10.0.1.5 10.0.0.2 10.0.1.5 203.0.113.5',
    },
    {
      name: 'egress that is forwarded (reference 9.6, NAT gateway to instance)',
      flow: { interfaceIndex: 1, direction: egress, src: '203.0.113.5', dst: '10.0.1.5' },
      line: '10.0.0.2 10.0.1.5 203.0.113.5 10.0.1.5',
    },
    {
      name: 'egress from a secondary address',
      flow: { direction: egress, src: '172.31.16.99', dst: '8.8.8.8' },
      line: '172.31.16.21 8.8.8.8 172.31.16.99 8.8.8.8',
    },
    {
      name: 'egress with IPv6',
      flow: { direction: egress, src: '2001:db8::9', dst: '2001:db8::1' },
      line: '2001:db8::9 2001:db8::1 2001:db8::9 2001:db8::1',
    },
    {
      name: 'ingress to an interface without IPv4 address',
      flow: { interfaceIndex: 3, direction: ingress, dst: '224.0.0.1' },
      line: '172.31.16.139 224.0.0.1 172.31.16.139 224.0.0.1',
    },
  ])('$name', ({ flow, line }) => {
    expect(lines([flow], addresses)).toEqual([line]);
  });

  it.each([
    {
      name: 'type and direction',
      header: 'type flow-direction',
      flow: { direction: egress },
      line: 'IPv4 egress',
    },
    { name: 'IPv6', header: 'type srcaddr', flow: { src: '::1', dst: '::2' }, line: 'IPv6 ::1' },
    { name: 'TCP flags', header: 'tcp-flags', flow: { tcpFlags: 19 }, line: '19' },
    { name: 'no TCP flags for others', header: 'tcp-flags', flow: { protocol: 17, tcpFlags: 2 }, line: '0' },
    {
      name: 'high port',
      header: 'srcport dstport',
      flow: { srcPort: 65535, dstPort: 40000 },
      line: '65535 40000',
    },
    { name: 'a rule', header: 'decided-by initiator', flow: { cause: 1 }, line: 'acl-1/egress/100 peer' },
    { name: 'an unknown initiator', header: 'initiator', flow: { initiator: initiator.unknown }, line: '-' },
    { name: 'no path on ingress', header: 'traffic-path next-hop-az-id', flow: {}, line: '- -' },
    {
      name: 'a path on egress',
      header: 'traffic-path next-hop-az-id next-hop-vpc-id',
      flow: { direction: egress, dst: '10.0.0.4' },
      line: '1 use1-az0 -',
    },
    {
      name: 'services',
      header: 'pkt-src-aws-service pkt-dst-aws-service',
      flow: { src: '52.95.128.179' },
      line: 'S3 -',
    },
    {
      name: 'the interface',
      header: 'vpc-id interface-type',
      flow: { interfaceIndex: 2 },
      line: 'vpc-3 nat_gateway',
    },
    { name: 'no instance', header: 'instance-id sublocation-id', flow: { interfaceIndex: 1 }, line: '- -' },
    {
      name: 'what Headgate does not know',
      header: 'encryption-status ecs-task-id reject-reason',
      flow: {},
      line: '- - -',
    },
    { name: 'the version of the format', header: 'version az-id', flow: {}, line: '4 use1-az1' },
  ])('shows $name', ({ header, flow, line }) => {
    expect(lines([flow], header)).toEqual([line]);
  });

  it('shows tags of the chosen keys, percent-encoded', () => {
    const tagKeys = { instance: ['Name', 'Owner'], 'network-interface': ['Name', 'toString'] };
    const header = 'instance-tag instance-tag-2 interface-tag interface-tag-2';
    expect(lines([{}], header, { tagKeys })).toEqual(['web%2D1 a%20b%2F%C3%BC - -']);
    expect(lines([{}], header)).toEqual(['- - - -']);
  });

  it('merges what the format does not tell apart', () => {
    const flows = [
      { srcPort: 1, packets: 1, bytes: 100, firstMs: 5000, lastMs: 6999, tcpFlags: 2 },
      { srcPort: 2, packets: 2, bytes: 200, firstMs: 4999, lastMs: 6000, tcpFlags: 1 },
      { srcPort: 1, packets: 4, bytes: 400, firstMs: 7000, lastMs: 8000, accepted: false },
    ];
    expect(lines(flows, 'srcaddr dstport packets bytes start end tcp-flags')).toEqual([
      '172.31.16.139 22 7 700 4 8 3',
    ]);
    expect(lines(flows, 'srcport packets')).toEqual(['1 5', '2 2']);
    expect(lines(flows, 'action packets')).toEqual(['ACCEPT 3', 'REJECT 4']);
    expect(lines(flows, 'packets', { trafficType: 'REJECT' })).toEqual(['4']);
  });

  it('merges by derived values', () => {
    const flows = [{ interfaceIndex: 0 }, { interfaceIndex: 2 }, { interfaceIndex: 1, src: '52.0.0.1' }];
    expect(lines(flows, 'vpc-id packets')).toEqual(['vpc-abcdefab012345678 40', 'vpc-3 20']);
    expect(lines(flows, 'pkt-src-aws-service packets')).toEqual(['- 40', 'S3 20']);
    expect(lines([{ cause: 0 }, { cause: 2 }], 'decided-by packets')).toEqual(['sg-1/ingress/sgr-1 40']);
  });

  it('does not merge windows', () => {
    expect(lines([{ window: 1 }, { window: 2 }, { window: 1 }], 'srcaddr packets')).toEqual([
      '172.31.16.139 40',
      '172.31.16.139 20',
    ]);
  });

  it('makes no records of no flows', () => {
    expect(lines([], 'srcaddr packets')).toEqual([]);
  });

  it('agrees with a slow merge of rendered texts, and keeps the sums', () => {
    fc.assert(
      fc.property(
        fc.array(anyFlow, { maxLength: 40 }),
        fc.shuffledSubarray([...fields], { minLength: 1 }),
        (flows, chosen) => {
          const format = logFormat(chosen);
          const batch = buildRecords(testRows(flows), context, format, anyOptions);
          expect(renderLines(batch, { header: false })).toBe(slowly(flows, format));
          const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);
          expect(sum(batch.packets)).toBe(sum(flows.map(({ packets }) => packets)));
          expect(sum(batch.bytes)).toBe(sum(flows.map(({ bytes }) => bytes)));
        },
      ),
    );
  });
});

describe('statusRecords', () => {
  const entries = [
    { interfaceIndex: 0, status: 'NODATA', startSeconds: 1431280876, endSeconds: 1431280934 },
    { interfaceIndex: 1, status: 'SKIPDATA', startSeconds: 1431280876, endSeconds: 1431280934 },
  ] as const;

  it('fills what AWS documents in the default format', () => {
    const batch = statusRecords(entries, context, defaultLogFormat);
    expect(renderLines(batch, { header: false })).toBe(
      '2 123456789010 eni-1235b8ca123456789 - - - - - - - 1431280876 1431280934 - NODATA\n' +
        '2 123456789010 eni-2 - - - - - - - 1431280876 1431280934 - SKIPDATA\n',
    );
    expect([...batch.endSeconds]).toEqual([1431280934, 1431280934]);
    expect([...batch.packets, ...batch.bytes]).toEqual([0, 0, 0, 0]);
  });

  it('fills what describes the interface in a custom format, and nothing of traffic', () => {
    const format = parseHeader(
      'version vpc-id instance-id type tcp-flags traffic-path decided-by initiator instance-tag',
    );
    const batch = statusRecords(entries, context, format, { tagKeys: { instance: ['Name'] } });
    expect(renderLines(batch, { header: false })).toBe(
      '11 vpc-abcdefab012345678 i-01234567890123456 - - - - - web%2D1\n' +
        '11 vpc-abcdefab012345678 - - - - - - web%2D1\n',
    );
  });
});

const anyOptions: RecordOptions = { tagKeys: { instance: ['Name'], 'network-interface': ['Name'] } };

const family4 = fc.tuple(
  fc.constantFrom('10.0.0.2', '52.0.0.1', '0.0.0.1'),
  fc.constantFrom('10.0.0.4', '172.31.16.21'),
);
const family6 = fc.tuple(fc.constantFrom('::1', '2001:db8::1'), fc.constantFrom('::1', '2001:db8::2'));
const anyFlow: fc.Arbitrary<TestFlow> = fc
  .record({
    interfaceIndex: fc.nat({ max: 3 }),
    direction: fc.constantFrom(direction.ingress, direction.egress),
    peers: fc.oneof(family4, family6),
    srcPort: fc.constantFrom(0, 65535),
    dstPort: fc.constantFrom(80, 443),
    protocol: fc.constantFrom(6, 17),
    icmpType: fc.constantFrom(0, 8),
    accepted: fc.boolean(),
    initiator: fc.constantFrom(initiator.unknown, initiator.local, initiator.peer),
    tcpFlags: fc.constantFrom(0, 1, 2, 18),
    cause: fc.nat({ max: 2 }),
    window: fc.nat({ max: 1 }),
    packets: fc.integer({ min: 1, max: 9 }),
    bytes: fc.integer({ min: 20, max: 2 ** 40 }),
    firstMs: fc.integer({ min: 0, max: 60_000 }),
  })
  .map(({ peers: [src, dst], ...flow }) => ({
    ...plainFlow,
    ...flow,
    src,
    dst,
    lastMs: flow.firstMs + 1500,
  }));

/** Each flow as texts, merged in a map by the texts that are no counters. */
function slowly(flows: readonly TestFlow[], format: LogFormat): string {
  const groups = new Map<string, TestFlow[]>();
  for (const flow of flows) {
    const key = [flow.window, ...format.fields.map((field) => slowText(field, [flow], format, true))].join(
      ' ',
    );
    groups.set(key, [...(groups.get(key) ?? []), flow]);
  }
  const rendered = [...groups.values()].map((group) =>
    format.fields.map((field) => slowText(field, group, format, false)).join(' '),
  );
  return rendered.map((line) => `${line}\n`).join('');
}

function slowText({ token }: Field, group: readonly TestFlow[], format: LogFormat, forKey: boolean): string {
  const counter = counters[token];
  if (counter) return forKey ? '' : String(counter(group));
  const [flow] = group;
  const facts = interfaces[flow.interfaceIndex];
  const [src, dst] = [parseAddress(flow.src)!, parseAddress(flow.dst)!];
  const primary =
    src.family === 4 && facts.primaryIpv4 !== undefined
      ? formatAddress(4, 0, 0, 0, facts.primaryIpv4)
      : undefined;
  const path = context.pathTo(
    flow.interfaceIndex,
    flow.direction,
    flow.direction === direction.egress ? dst : src,
  );
  const known: Record<string, string | number | undefined> = {
    version: format.version,
    'account-id': facts.accountId,
    'interface-id': facts.interfaceId,
    srcaddr: (flow.direction === direction.egress ? primary : undefined) ?? flow.src,
    dstaddr: (flow.direction === direction.ingress ? primary : undefined) ?? flow.dst,
    srcport: flow.srcPort,
    dstport: flow.dstPort,
    protocol: flow.protocol,
    action: flow.accepted ? 'ACCEPT' : 'REJECT',
    'log-status': 'OK',
    'vpc-id': facts.vpcId,
    'subnet-id': facts.subnetId,
    'instance-id': facts.instanceId,
    type: `IPv${src.family}`,
    'pkt-srcaddr': flow.src,
    'pkt-dstaddr': flow.dst,
    region: facts.region,
    'az-id': facts.azId,
    'pkt-src-aws-service': context.awsService(src),
    'pkt-dst-aws-service': context.awsService(dst),
    'flow-direction': flow.direction === direction.egress ? 'egress' : 'ingress',
    'traffic-path': path.trafficPath,
    'next-hop-az-id': path.nextHop?.azId,
    'instance-tag': 'web%2D1',
    'interface-type': facts.interfaceType,
    'decided-by': context.causes[flow.cause],
    initiator: ['-', 'local', 'peer'][flow.initiator],
  };
  return String(known[token] ?? '-');
}

const counters: Record<string, ((group: readonly TestFlow[]) => number) | undefined> = {
  packets: (group) => group.reduce((sum, { packets }) => sum + packets, 0),
  bytes: (group) => group.reduce((sum, { bytes }) => sum + bytes, 0),
  start: (group) => Math.min(...group.map(({ firstMs }) => Math.floor(firstMs / 1000))),
  end: (group) => Math.max(...group.map(({ lastMs }) => Math.floor(lastMs / 1000))),
  'tcp-flags': (group) => group.reduce((flags, flow) => flags | (flow.protocol === 6 ? flow.tcpFlags : 0), 0),
};
