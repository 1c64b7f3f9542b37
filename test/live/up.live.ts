import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type {
  DescribeFlowLogsResult,
  DescribeNetworkAclsResult,
  DescribeNetworkInterfacesResult,
  DescribeSecurityGroupRulesResult,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AwsCalls } from './aws-calls.ts';
import { host, peer } from './host-network.ts';
import { liveUnavailable, Namespaces, program, type RunningCommand } from './namespaces.ts';

const isLive = liveUnavailable === undefined;
const mainProgram = path.resolve(import.meta.dirname, '../../dist/command/main.js');
const work = path.join(tmpdir(), `headgate-live-up-${process.pid}`);
beforeAll(() => {
  if (isLive) mkdirSync(work, { recursive: true });
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe.skipIf(!isLive)('headgate up on a host', () => {
  const namespaces = new Namespaces(work);
  let hostName: string;
  let peerName: string;
  let up: RunningCommand;
  let aws: AwsCalls;
  let interfaceId: string;
  let groupId: string;

  const headgate = (...args: string[]): string =>
    namespaces.run(
      hostName,
      'sh',
      '-c',
      'cd "$0" && exec "$@"',
      work,
      process.execPath,
      mainProgram,
      ...args,
    );
  const query = (text: string): Record<string, string>[] =>
    JSON.parse(headgate('query', text, '--start', '10m', '--output', 'json'));
  /** Packets to the host by action and what decided, once there are so many. */
  const verdicts = async (filter: string, packets: number): Promise<Record<string, string>[]> => {
    const text = `filter ${filter} and dstAddr = "${host.ipv4}" | stats sum(packets) as packets by action, decidedBy | sort action`;
    for (let second = 0; second < 20; second++) {
      const rows = query(text);
      if (rows.reduce((sum, row) => sum + Number(row.packets), 0) >= packets) return rows;
      await setTimeout(1000);
    }
    return query(text);
  };
  const sendUdp = (port: number): string =>
    namespaces.run(peerName, 'node', program('udp-send'), host.ipv4, String(port), '20');

  beforeAll(async () => {
    hostName = namespaces.add('host');
    peerName = namespaces.add('peer');
    namespaces.connect(hostName, 'data1', peerName, 'data2');
    // Two subnets: within one, no network ACL is asked.
    namespaces.addAddress(hostName, 'data1', `${host.ipv4}/24`);
    namespaces.addAddress(peerName, 'data2', `${peer.ipv4}/24`);
    namespaces.ip(hostName, 'route', 'add', '10.77.2.0/24', 'dev', 'data1');
    namespaces.ip(peerName, 'route', 'add', '10.77.1.0/24', 'dev', 'data2');
    up = namespaces.start(hostName, process.execPath, mainProgram, 'up', '--window', '1');
    await up.waitFor('capturing data1 ');
    aws = new AwsCalls(namespaces, hostName, headgate('env'));
  });
  afterAll(async () => {
    await aws?.close();
    namespaces.remove();
  });

  it('has made the network of its devices and a flow log', async () => {
    const { FlowLogs = [] } = await aws.call<DescribeFlowLogsResult>('ec2', 'DescribeFlowLogs');
    expect(FlowLogs).toMatchObject([
      { LogGroupName: 'vpc-flow-logs', TrafficType: 'ALL', DeliverLogsStatus: 'SUCCESS' },
    ]);
    const { NetworkInterfaces = [] } = await aws.call<DescribeNetworkInterfacesResult>(
      'ec2',
      'DescribeNetworkInterfaces',
      { Filters: [{ Name: 'tag:headgate:device', Values: ['data1'] }] },
    );
    expect(NetworkInterfaces).toMatchObject([{ PrivateIpAddress: host.ipv4, Status: 'in-use' }]);
    interfaceId = NetworkInterfaces[0].NetworkInterfaceId!;
    groupId = NetworkInterfaces[0].Groups![0].GroupId!;
  });

  it('records what comes, with the rule that let it in', async () => {
    sendUdp(6000);
    // The log group comes with the first records.
    await setTimeout(2500);
    const rows = await verdicts('dstPort = 6000', 20);
    expect(rows).toEqual([
      { action: 'ACCEPT', decidedBy: expect.stringMatching(/^sg-.*\/ingress\/sgr-/), packets: '20' },
    ]);
  });

  it('judges by changed security groups from the answer on, without cutting what is tracked', async () => {
    const allow = (port: number) => ({
      IpProtocol: 'tcp',
      FromPort: port,
      ToPort: port,
      IpRanges: [{ CidrIp: `${peer.ipv4}/32` }],
    });
    await aws.call('ec2', 'AuthorizeSecurityGroupIngress', {
      GroupId: groupId,
      IpPermissions: [allow(5001)],
    });
    const { SecurityGroupRules = [] } = await aws.call<DescribeSecurityGroupRulesResult>(
      'ec2',
      'DescribeSecurityGroupRules',
      { Filters: [{ Name: 'group-id', Values: [groupId] }] },
    );
    const everything = SecurityGroupRules.filter(
      ({ IpProtocol, IsEgress }) => IpProtocol === '-1' && !IsEgress,
    );
    const revoke = (rules: typeof everything) =>
      aws.call('ec2', 'RevokeSecurityGroupIngress', {
        GroupId: groupId,
        SecurityGroupRuleIds: rules.map(({ SecurityGroupRuleId }) => SecurityGroupRuleId),
      });
    await revoke(everything);
    sendUdp(6001);
    const rows = await verdicts('dstPort = 6001', 20);
    expect(rows).toMatchObject([{ action: 'REJECT', packets: '20' }]);

    const sink = namespaces.start(hostName, 'node', program('tcp-sink'), host.ipv4, '5001');
    await setTimeout(500);
    const sender = namespaces.start(peerName, 'node', program('tcp-trickle'), host.ipv4, '5001');
    await sender.waitFor('sent 3');
    await revoke(SecurityGroupRules.filter(({ FromPort }) => FromPort === 5001));
    const { SecurityGroupRules: left = [] } = await aws.call<DescribeSecurityGroupRulesResult>(
      'ec2',
      'DescribeSecurityGroupRules',
      { Filters: [{ Name: 'group-id', Values: [groupId] }] },
    );
    expect(left.filter(({ IsEgress }) => !IsEgress)).toEqual([]);
    await sender.waitFor('sent 12');
    sender.child.stdin?.end();
    await sender.ended;
    const tcp = await verdicts('dstPort = 5001', 12);
    expect(tcp.map(({ action }) => action)).toEqual(['ACCEPT']);
    sink.child.kill('SIGKILL');
  });

  it('judges by a changed network ACL at once, a running ping too', async () => {
    await aws.call('ec2', 'AuthorizeSecurityGroupIngress', {
      GroupId: groupId,
      IpPermissions: [{ IpProtocol: 'icmp', FromPort: -1, ToPort: -1, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    });
    const ping = namespaces.start(peerName, 'node', program('ping'), host.ipv4, '100', '100');
    await ping.waitFor('answered 5');
    const { NetworkAcls = [] } = await aws.call<DescribeNetworkAclsResult>('ec2', 'DescribeNetworkAcls');
    const acl = NetworkAcls.find(({ Associations = [] }) => Associations.length > 0);
    await aws.call('ec2', 'CreateNetworkAclEntry', {
      NetworkAclId: acl?.NetworkAclId,
      RuleNumber: 50,
      Protocol: '1',
      IcmpTypeCode: { Type: -1, Code: -1 },
      RuleAction: 'deny',
      Egress: false,
      CidrBlock: `${peer.ipv4}/32`,
    });
    const deniedMs = Date.now();
    await setTimeout(2500);
    ping.child.kill('SIGKILL');
    await ping.ended;
    await setTimeout(2500);
    const since = `protocol = 1 and dstAddr = "${host.ipv4}" and startTime > ${Math.ceil(deniedMs / 1000)}`;
    const rows = query(`filter ${since} | stats sum(packets) as packets by action, decidedBy`);
    expect(rows).toEqual([
      {
        action: 'REJECT',
        decidedBy: `${acl?.NetworkAclId}/ingress/50`,
        packets: expect.stringMatching(/^[0-9]+$/),
      },
    ]);
  });

  it('follows a device that comes and goes', async () => {
    namespaces.connect(hostName, 'late1', peerName, 'late2');
    namespaces.addAddress(hostName, 'late1', '10.99.1.1/24');
    const find = async () =>
      (
        await aws.call<DescribeNetworkInterfacesResult>('ec2', 'DescribeNetworkInterfaces', {
          Filters: [{ Name: 'tag:headgate:device', Values: ['late1'] }],
        })
      ).NetworkInterfaces ?? [];
    await setTimeout(2000);
    expect(await find()).toMatchObject([{ PrivateIpAddress: '10.99.1.1' }]);
    namespaces.ip(hostName, 'link', 'del', 'late1');
    await setTimeout(2000);
    expect(await find()).toEqual([]);
  });

  it('tells its state, and records nothing without a flow log', async () => {
    expect(headgate('status')).toContain(`data1 ${interfaceId}`);
    const { FlowLogs = [] } = await aws.call<DescribeFlowLogsResult>('ec2', 'DescribeFlowLogs');
    await aws.call('ec2', 'DeleteFlowLogs', { FlowLogIds: FlowLogs.map(({ FlowLogId }) => FlowLogId) });
    await setTimeout(2500);
    sendUdp(6009);
    await setTimeout(2500);
    expect(query('filter dstPort = 6009')).toEqual([]);
    up.child.kill('SIGTERM');
    const { status, stderr } = await up.ended;
    expect(stderr).not.toMatch(/ at .*\.js:/);
    expect(status).toBe(0);
  });
});
