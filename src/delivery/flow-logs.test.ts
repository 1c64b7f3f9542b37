import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type TestFlow, testRows } from '../../test/flow-rows.ts';
import { OpenedResources } from '../../test/open-resources.ts';
import { testNetwork } from '../../test/test-network.ts';
import { NetworkView } from '../command/capture/network-view.ts';
import { ServiceError } from '../fault/index.ts';
import type { CoveredWindow, FlowLogResource } from '../flowlog/index.ts';
import { flowLogs } from '../flowlog/kinds.ts';
import { Authorizer } from '../iam/authorizer.ts';
import { type RoleResource, roles } from '../iam/kinds.ts';
import { ServiceAccess } from '../iam/service-access.ts';
import { defaultLogFormat } from '../record/index.ts';
import { iamPlace } from '../resource/index.ts';
import { FlowSpool } from '../spool/index.ts';
import { FlowLogs } from './flow-logs.ts';
import { LogGroupDestination, type LogGroupStore } from './log-group-destination.ts';

const place = { accountId: '123456789012', region: 'us-east-1' };
const roleArn = 'arn:aws:iam::123456789012:role/flow-logs';
const network = testNetwork({
  vpcId: 'vpc-1',
  subnets: { 'subnet-1': '10.0.1.0/24', 'subnet-2': '10.0.2.0/24' },
  interfaces: [
    { id: 'eni-0', addresses: ['10.0.1.10'] },
    { id: 'eni-1', addresses: ['10.0.1.11'] },
    { id: 'eni-2', addresses: ['10.0.2.12'], subnet: 'subnet-2' },
  ],
});
/** The window in which the store's clock stands still. */
const window = Date.UTC(2026, 2, 1, 12) / 60_000;
const startMs = window * 60_000;

let opened: OpenedResources;
let folder: string;
let spool: FlowSpool;
let working: FlowLogs;
let notices: string[];
let nowMs: number;
/** What the log groups answer with instead, while it is set. */
let outage: Error | undefined;
/** The group that never answers. */
let hanging: string | undefined;
beforeEach(async () => {
  opened = await OpenedResources.open(place);
  notices = [];
  outage = undefined;
  hanging = undefined;
  nowMs = startMs;
  await putRole();
  folder = mkdtempSync(path.join(tmpdir(), 'headgate-flow-logs-'));
  await start();
  // Long after the window.
  nowMs = startMs + 3_600_000;
});
afterEach(async () => {
  await stop();
  await opened.close();
  rmSync(folder, { recursive: true });
});

async function stop(): Promise<void> {
  await working.close();
  await spool.close();
}

async function start(): Promise<void> {
  const { resources } = opened;
  const view = new NetworkView({ ...place, azId: 'use1-az1' }, {}, () => undefined);
  view.addCauses(['sg-1/ingress/default']);
  view.load(network);
  const access = new ServiceAccess(resources, new Authorizer(resources));
  spool = await FlowSpool.open({
    folder,
    windowSeconds: 60,
    names: view,
    maxBytes: 2 ** 22,
    maxAgeMs: 86_400_000,
    clock: () => nowMs,
    report: (line) => notices.push(line),
  });
  working = new FlowLogs({
    resources,
    place,
    view,
    windowSeconds: 60,
    maxFlows: 65_536,
    spool,
    stateFolder: path.join(folder, 'flow-logs'),
    destinationOf: (resource, flowLog) =>
      new LogGroupDestination({ resource, flowLog, place, logs: failing(opened.logs), access }),
    onNotice: (line) => notices.push(line),
    nowMs: () => nowMs,
    // The tests say when it is time.
    waits: { retryMs: { first: 1e9, longest: 1e9 }, endMs: 1000 },
  });
}

/** The log groups, but for an outage. */
function failing(logs: LogGroupStore): LogGroupStore {
  return {
    describeLogGroups: (request) => logs.describeLogGroups(request),
    describeLogStreams: (request) => logs.describeLogStreams(request),
    forgetOrigin: (source) => logs.forgetOrigin(source),
    ensureLogGroup: (name, options) => logs.ensureLogGroup(name, options),
    putRecords: async (request) => {
      if (outage) throw outage;
      if (request.logGroupName === hanging) await new Promise(() => undefined);
      await logs.putRecords(request);
    },
  };
}

const allow = (...actions: string[]) => ({ Effect: 'Allow', Action: actions, Resource: '*' });
const everything = allow(
  'logs:CreateLogGroup',
  'logs:CreateLogStream',
  'logs:PutLogEvents',
  'logs:DescribeLogGroups',
  'logs:DescribeLogStreams',
);
const trust = (more: object = {}) => ({
  Effect: 'Allow',
  Principal: { Service: 'vpc-flow-logs.amazonaws.com' },
  Action: 'sts:AssumeRole',
  ...more,
});
const documentOf = (Statement: object) => JSON.stringify({ Version: '2012-10-17', Statement });

async function putRole({ trusts = trust(), allows = everything as object } = {}): Promise<void> {
  const role: RoleResource = {
    RoleName: 'flow-logs',
    RoleId: 'AROAEXAMPLEEXAMPLEEXA',
    Path: '/',
    Arn: roleArn,
    CreateDate: '2026-01-01T00:00:00Z',
    AssumeRolePolicyDocument: documentOf(trusts),
    MaxSessionDuration: 3600,
    Tags: [],
    inlinePolicies: { deliver: documentOf(allows) },
    attachedPolicies: [],
  };
  await opened.resources.write((draft) => draft.put(roles, iamPlace(place.accountId), 'flow-logs', role));
}

let made = 0;

async function create(more: Partial<FlowLogResource> = {}): Promise<string> {
  const FlowLogId = `fl-${String(++made).padStart(17, '0')}`;
  const flowLog: FlowLogResource = {
    FlowLogId,
    ResourceId: 'vpc-1',
    resourceType: 'VPC',
    TrafficType: 'ALL',
    LogDestinationType: 'cloud-watch-logs',
    LogGroupName: 'flows',
    DeliverLogsPermissionArn: roleArn,
    LogFormat: defaultLogFormat.text,
    MaxAggregationInterval: 60,
    Tags: [],
    clientToken: FlowLogId,
    ...more,
  };
  await opened.resources.write((draft) => draft.put(flowLogs, place, FlowLogId, flowLog));
  return FlowLogId;
}

const remove = (id: string) => opened.resources.write((draft) => draft.remove(flowLogs, place, id));

const flow = (interfaceIndex: number, fields: Partial<TestFlow> = {}): Partial<TestFlow> => ({
  interfaceIndex,
  window,
  packets: 1,
  bytes: 100,
  firstMs: startMs,
  lastMs: startMs + 5000,
  ...fields,
});

const take = (...flows: Partial<TestFlow>[]) => working.takeFlows(testRows(flows));
const closed = (covered: readonly number[], at = window): Promise<void> =>
  working.closeWindows([{ window: at, covered } satisfies CoveredWindow], at + 1);
/** A window of these. */
async function pass(...flows: Partial<TestFlow>[]): Promise<void> {
  await take(...flows);
  await closed([]);
}
const patience = { timeout: 20_000, interval: 1 };
/** Until all is delivered. */
const delivered = (...ids: readonly string[]): Promise<void> =>
  vi.waitFor(() => {
    const { flowLogs: reports } = working.report();
    const waiting = reports.filter(
      ({ flowLogId, delivery }) =>
        delivery.waiting + delivery.waitingSegments > 0 && (ids.length === 0 || ids.includes(flowLogId)),
    );
    expect(waiting).toEqual([]);
  }, patience);
/** Until it is refused. */
const refused = (id: string): Promise<void> =>
  vi.waitFor(() => expect(working.health(id).status).toBe('FAILED'), patience);
const reportOf = (id: string) => working.report().flowLogs.find(({ flowLogId }) => flowLogId === id)!;

/** Messages by stream. */
async function eventsOf(logGroupName = 'flows'): Promise<Record<string, string[]>> {
  await delivered();
  const known = opened.logs.describeLogGroups({ logGroupNamePrefix: logGroupName }).logGroups ?? [];
  if (known.length === 0) return {};
  const { events } = await opened.logs.filterLogEvents({ logGroupName });
  const streams: Record<string, string[]> = {};
  for (const { logStreamName, message } of events) {
    streams[logStreamName] ??= [];
    streams[logStreamName].push(message);
  }
  return streams;
}

describe('FlowLogs', () => {
  it('records nothing without a flow log, and counts it', async () => {
    await pass(flow(0, { packets: 3 }), flow(2, { packets: 4 }));
    expect(working.report()).toMatchObject({
      packets: { logged: 0, unlogged: 7, skipped: 0 },
      flowLogs: [],
    });
    expect(await eventsOf()).toEqual({});
  });

  it('delivers the records of a flow log, a stream for each interface, and makes the group', async () => {
    const id = await create();
    await pass(flow(0), flow(2, { accepted: false }));
    const line = (eni: string, address: string, action: string) =>
      `2 123456789010 ${eni} 172.31.16.139 ${address} 20641 22 6 1 100 1772366400 1772366405 ${action} OK`;
    expect(await eventsOf()).toEqual({
      'eni-0-all': [line('eni-0', '10.0.1.10', 'ACCEPT')],
      'eni-2-all': [line('eni-2', '10.0.2.12', 'REJECT')],
    });
    expect(reportOf(id)).toMatchObject({
      health: { status: 'SUCCESS' },
      takenPackets: 2,
      heldPackets: 0,
      delivery: { delivered: 2, undelivered: 0, ambiguous: 0, waiting: 0, waitingSegments: 0 },
    });
  });

  it('gives overlapping flow logs records of their own', async () => {
    await create({ LogGroupName: 'vpc' });
    await create({ LogGroupName: 'subnet', ResourceId: 'subnet-2', resourceType: 'Subnet' });
    await create({ LogGroupName: 'eni', ResourceId: 'eni-1', resourceType: 'NetworkInterface' });
    await create({ LogGroupName: 'rejects', TrafficType: 'REJECT' });
    await pass(flow(0), flow(1), flow(2, { accepted: false }));
    const streamsOf = async (group: string) => Object.keys(await eventsOf(group)).sort();
    expect(await streamsOf('vpc')).toEqual(['eni-0-all', 'eni-1-all', 'eni-2-all']);
    expect(await streamsOf('subnet')).toEqual(['eni-2-all']);
    expect(await streamsOf('eni')).toEqual(['eni-1-all']);
    expect(await streamsOf('rejects')).toEqual(['eni-2-reject']);
  });

  it('accounts for every packet, by packet and by flow log', async () => {
    const subnet = await create({ ResourceId: 'subnet-1', resourceType: 'Subnet', TrafficType: 'ACCEPT' });
    const longer = await create({
      ResourceId: 'eni-1',
      resourceType: 'NetworkInterface',
      MaxAggregationInterval: 600,
    });
    await take(
      flow(0, { packets: 1 }),
      flow(0, { packets: 10, accepted: false }),
      flow(1, { packets: 100 }),
      flow(2, { packets: 1000 }),
    );
    await working.takeLosses([
      { interfaceIndex: 0, window, reason: 'delivery-behind', flows: 1, packets: 10_000 },
    ]);
    const { packets, losses } = working.report();
    expect(packets).toEqual({ logged: 111, unlogged: 1000, skipped: 10_000 });
    await closed([]);
    expect(working.report().packets).toEqual(packets);
    await delivered();
    expect(losses).toHaveLength(1);
    expect(reportOf(subnet)).toMatchObject({
      takenPackets: 111,
      heldPackets: 0,
      records: { recordedPackets: 101, filteredPackets: 10, skipData: 1 },
    });
    expect(reportOf(longer)).toMatchObject({
      takenPackets: 100,
      heldPackets: 100,
      records: { recordedPackets: 0, skipData: 0 },
    });
    expect((await eventsOf())['eni-0-accept'][1]).toMatch(/ - - - - - - - .* - SKIPDATA$/);
  });

  it('writes NODATA for interfaces that were watched and are covered', async () => {
    await create({ ResourceId: 'subnet-1', resourceType: 'Subnet' });
    await take(flow(0));
    await closed([0, 1, 2]);
    expect(await eventsOf()).toEqual({
      'eni-0-all': [expect.stringMatching(/ ACCEPT OK$/)],
      'eni-1-all': ['2 123456789010 eni-1 - - - - - - - 1772366400 1772366459 - NODATA'],
    });
  });

  it.each([
    ['began in the interval', startMs + 1, startMs + 3_600_000],
    ['ends before the interval does', startMs - 60_000, startMs + 59_000],
  ])('writes no NODATA when the service %s', async (_, beganMs, endMs) => {
    await stop();
    nowMs = beganMs;
    await start();
    await create();
    nowMs = endMs;
    await working.closeWindows([{ window, covered: [0, 1] }], Number.POSITIVE_INFINITY);
    expect(await eventsOf()).toEqual({});
  });

  it('records the windows that are open when it is created, but says no NODATA of them', async () => {
    await pass(flow(2));
    nowMs = startMs + 60_001;
    await take(flow(0, { window: window + 1 }));
    await create();
    nowMs = startMs + 120_000;
    await closed([0, 1], window + 1);
    expect(working.report().packets).toEqual({ logged: 1, unlogged: 1, skipped: 0 });
    expect(Object.keys(await eventsOf())).toEqual(['eni-0-all']);
    nowMs = startMs + 180_000;
    await closed([0, 1], window + 2);
    expect(Object.keys(await eventsOf())).toEqual(['eni-0-all', 'eni-1-all']);
  });

  it('delivers what a deleted flow log holds, and records nothing more for it', async () => {
    const id = await create({ MaxAggregationInterval: 600 });
    await pass(flow(0));
    expect(await eventsOf()).toEqual({});
    await remove(id);
    await pass(flow(1));
    await vi.waitFor(async () => expect(Object.keys(await eventsOf())).toEqual(['eni-0-all']), patience);
    expect(working.report()).toMatchObject({ packets: { logged: 1, unlogged: 1 }, flowLogs: [] });
    await vi.waitFor(() => expect(readdirSync(path.join(folder, 'flow-logs'))).toEqual([]), patience);
  });

  it('goes on with the stored flow logs after a restart', async () => {
    const id = await create();
    await stop();
    await opened.reopen();
    await start();
    await pass(flow(0));
    expect(Object.keys(await eventsOf())).toEqual(['eni-0-all']);
    expect(reportOf(id).delivery.delivered).toBe(1);
  });

  it('lets go of segments that no flow log needs, and of what flow logs that are no more have left', async () => {
    await pass(flow(0));
    await vi.waitFor(() => expect(spool.status.segments).toBe(0), patience);
    await stop();
    const states = path.join(folder, 'flow-logs');
    const object = { key: 'k', name: '0.gz', sinceMs: 0, bytes: 1, records: 7 };
    const state = { spoolId: spool.id, segment: 1, readFrom: 1, beganMs: [], nextBatch: 1, ambiguous: 0 };
    mkdirSync(path.join(states, 'fl-dead'), { recursive: true });
    writeFileSync(path.join(states, 'fl-dead.json'), JSON.stringify({ ...state, objects: [object] }));
    writeFileSync(path.join(states, 'fl-dead2.json'), 'not any more');
    await start();
    await vi.waitFor(() => expect(readdirSync(states)).toEqual([]), patience);
    expect(notices).toEqual(['flow log fl-dead is no more: 7 records of it are given up']);
  });

  it('begins anew, at all that waits, when what is kept of it cannot be read', async () => {
    await putRole({ allows: allow('s3:PutObject') });
    const id = await create();
    await pass(flow(0));
    await refused(id);
    await stop();
    await opened.reopen();
    writeFileSync(path.join(folder, 'flow-logs', `${id}.json`), '{"segment":-1}');
    await putRole();
    await start();
    expect(Object.keys(await eventsOf())).toEqual(['eni-0-all']);
    expect(notices.at(-1)).toMatch(/: what was kept of it cannot be read: all that waits is delivered$/);
  });

  it('leaves flow logs of other Regions alone', async () => {
    const id = await create();
    const there = { ...place, region: 'eu-west-1' };
    await opened.resources.write((draft) => {
      draft.put(flowLogs, there, id, draft.get(flowLogs, place, id)!);
      draft.remove(flowLogs, place, id);
    });
    await pass(flow(0));
    expect(working.report()).toMatchObject({ packets: { unlogged: 1 }, flowLogs: [] });
    expect(working.health(id)).toEqual({ status: 'SUCCESS' });
  });
});

describe('the health of a flow log', () => {
  const source = 'arn:aws:ec2:us-east-1:123456789012:vpc-flow-log';
  const condition = (operator: string, key: string, value: string) => ({
    Condition: { [operator]: { [key]: value } },
  });
  const statement = (Resource: string, Action: string[] = everything.Action) => ({
    Effect: 'Allow',
    Action,
    Resource,
  });
  const failing: { name: string; trusts?: object; allows?: object; detail: RegExp }[] = [
    {
      name: 'a role that trusts another service',
      trusts: trust({ Principal: { Service: 'ec2.amazonaws.com' } }),
      detail: /cannot be assumed by vpc-flow-logs\.amazonaws\.com$/,
    },
    {
      name: 'a role that trusts the service for another account',
      trusts: trust(condition('StringEquals', 'aws:SourceAccount', '210987654321')),
      detail: /cannot be assumed/,
    },
    {
      name: 'a role that trusts it for other flow logs',
      trusts: trust(condition('ArnLike', 'aws:SourceArn', `${source}/fl-ffff*`)),
      detail: /cannot be assumed/,
    },
    {
      name: 'a role without permissions',
      allows: allow('s3:PutObject'),
      detail: /^logs:DescribeLogGroups on /,
    },
    {
      name: 'a role that may not create the group',
      allows: allow(...everything.Action.filter((action) => action !== 'logs:CreateLogGroup')),
      detail:
        /^logs:CreateLogGroup on arn:aws:logs:us-east-1:123456789012:log-group:flows:log-stream: is not/,
    },
    {
      name: 'a role that may not put events',
      allows: allow(...everything.Action.filter((action) => action !== 'logs:PutLogEvents')),
      detail: /^logs:PutLogEvents on .*:log-group:flows:log-stream:eni-0-all is not allowed$/,
    },
    {
      name: 'a policy for the ARN of the group without :*',
      allows: statement('arn:aws:logs:us-east-1:123456789012:log-group:flows'),
      detail: /is not allowed$/,
    },
    {
      name: 'an explicit denial',
      allows: [everything, { Effect: 'Deny', Action: 'logs:Put*', Resource: '*' }],
      detail: /^logs:PutLogEvents /,
    },
  ];
  it.each(failing)('is Access error for $name, until it is mended', async ({ trusts, allows, detail }) => {
    await putRole({
      ...(trusts ? { trusts: trusts as ReturnType<typeof trust> } : {}),
      ...(allows ? { allows } : {}),
    });
    const id = await create();
    expect(working.health(id)).toEqual({ status: 'SUCCESS' });
    await pass(flow(0));
    await refused(id);
    expect(working.health(id)).toEqual({ status: 'FAILED', message: 'Access error' });
    expect(reportOf(id).detail).toMatch(detail);
    expect(opened.logs.describeLogGroups().logGroups).toEqual([]);
    await putRole();
    expect(Object.keys(await eventsOf())).toEqual(['eni-0-all']);
    expect(working.health(id)).toEqual({ status: 'SUCCESS' });
    expect(notices).toHaveLength(2);
  });

  const succeeding: { name: string; trusts?: object; allows?: object }[] = [
    { name: 'this account', trusts: trust(condition('StringEquals', 'aws:SourceAccount', place.accountId)) },
    { name: 'any flow log', trusts: trust(condition('ArnLike', 'aws:SourceArn', `${source}/*`)) },
    { name: 'its group with :*', allows: statement('arn:aws:logs:us-east-1:123456789012:log-group:flows:*') },
  ];
  it.each(succeeding)('is SUCCESS for a role for $name', async ({ trusts, allows }) => {
    await putRole({
      ...(trusts ? { trusts: trusts as ReturnType<typeof trust> } : {}),
      ...(allows ? { allows } : {}),
    });
    const id = await create();
    await pass(flow(0));
    expect(Object.keys(await eventsOf())).toEqual(['eni-0-all']);
    expect(working.health(id)).toEqual({ status: 'SUCCESS' });
  });

  it('needs no permission to create what is there', async () => {
    const creating = ['logs:CreateLogGroup', 'logs:CreateLogStream'];
    await opened.logs.createLogGroup({ logGroupName: 'flows' });
    await opened.logs.createLogStream({ logGroupName: 'flows', logStreamName: 'eni-0-all' });
    await putRole({ allows: allow(...everything.Action.filter((action) => !creating.includes(action))) });
    const id = await create();
    await pass(flow(0));
    await delivered();
    expect(working.health(id)).toEqual({ status: 'SUCCESS' });
    await pass(flow(1));
    await refused(id);
    expect(working.health(id)).toEqual({ status: 'FAILED', message: 'Access error' });
    expect(reportOf(id).detail).toMatch(/^logs:CreateLogStream on .*:eni-1-all is not allowed$/);
  });

  it('tells what is refused now, not what was first; at the end it stays where it is', async () => {
    await putRole({ allows: allow('s3:PutObject') });
    const id = await create();
    await pass(flow(0));
    await refused(id);
    await putRole({ trusts: trust({ Principal: { Service: 'ec2.amazonaws.com' } }) });
    await vi.waitFor(() => expect(reportOf(id).detail).toMatch(/cannot be assumed/), patience);
    await stop();
    await opened.reopen();
    await start();
    await putRole();
    expect(Object.keys(await eventsOf())).toEqual(['eni-0-all']);
    expect(reportOf(id).delivery).toMatchObject({ delivered: 1, undelivered: 0 });
  });

  it('is Access error once the role is deleted', async () => {
    const id = await create();
    await opened.resources.write((draft) => draft.remove(roles, iamPlace(place.accountId), 'flow-logs'));
    await pass(flow(0));
    await refused(id);
    expect(working.health(id)).toEqual({ status: 'FAILED', message: 'Access error' });
  });

  it.each([
    { code: 'LimitExceededException', message: 'Rate limited' },
    { code: 'ThrottlingException', message: 'Rate limited' },
    { code: 'ServiceUnavailableException', message: 'Unknown error' },
  ])('is $message after $code, and nothing is lost', async ({ code, message }) => {
    const id = await create();
    outage = new ServiceError(code, 'not now');
    await pass(flow(0));
    await refused(id);
    expect(working.health(id)).toEqual({ status: 'FAILED', message });
    outage = undefined;
    await putRole();
    expect(Object.keys(await eventsOf())).toEqual(['eni-0-all']);
    expect(reportOf(id).delivery).toMatchObject({ delivered: 1, undelivered: 0, waiting: 0 });
  });

  it('of one flow log is no matter to the others', async () => {
    const denied = await create({ DeliverLogsPermissionArn: `${roleArn}-none`, LogGroupName: 'denied' });
    const allowed = await create();
    for (let turn = 0; turn < 50; turn++) await pass(flow(0, { srcPort: turn }));
    await refused(denied);
    await delivered(allowed);
    expect(reportOf(denied).delivery.delivered).toBe(0);
    expect(reportOf(allowed).delivery.delivered).toBe(50);
    expect(working.health(allowed)).toEqual({ status: 'SUCCESS' });
  });

  it('of one whose destination never answers neither; it is still there after a restart', async () => {
    hanging = 'hung';
    const hung = await create({ LogGroupName: 'hung' });
    const other = await create();
    for (let turn = 0; turn < 5; turn++) await pass(flow(0, { srcPort: turn }));
    await delivered(other);
    expect(reportOf(other).delivery.delivered).toBe(5);
    expect(reportOf(hung).delivery).toMatchObject({ delivered: 0, waiting: 1, waitingSegments: 5 });
    expect(working.report().spool.segments).toBe(5);
    await stop();
    await opened.reopen();
    hanging = undefined;
    await start();
    expect((await eventsOf('hung'))['eni-0-all']).toHaveLength(5);
    expect((await eventsOf())['eni-0-all']).toHaveLength(5);
    await vi.waitFor(() => expect(working.report().spool.segments).toBe(0), patience);
  });

  it('makes a group again that somebody deleted', async () => {
    await create();
    await pass(flow(0));
    await delivered();
    await opened.logs.deleteLogGroup({ logGroupName: 'flows' });
    await pass(flow(1));
    expect(Object.keys(await eventsOf())).toEqual(['eni-1-all']);
  });
});
