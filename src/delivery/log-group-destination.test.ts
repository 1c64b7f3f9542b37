import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testRows } from '../../test/flow-rows.ts';
import { testIdentity } from '../../test/meter-harness.ts';
import { OpenedAccount, policy, trust } from '../../test/open-account.ts';
import { testNetwork } from '../../test/test-network.ts';
import { NetworkView } from '../command/capture/network-view.ts';
import type { FlowLogResource } from '../flowlog/index.ts';
import { ServiceAccess } from '../iam/index.ts';
import { Logs } from '../logs/index.ts';
import { buildRecords, defaultLogFormat } from '../record/index.ts';
import type { Batch } from './destination.ts';
import { LogGroupDestination } from './log-group-destination.ts';

const place = { accountId: '123456789012', region: 'us-east-1' };
const view = new NetworkView(testIdentity, {}, () => undefined);
view.causes.push('cause');
view.load(testNetwork({ interfaces: [{ id: 'eni-0', addresses: ['10.0.1.10'] }] }));

let account: OpenedAccount;
let logs: Logs;

beforeAll(async () => {
  account = await OpenedAccount.open();
  logs = newLogs();
  const AssumeRolePolicyDocument = trust({ Service: 'vpc-flow-logs.amazonaws.com' });
  await account.call('iam:CreateRole', { RoleName: 'flow-logs', AssumeRolePolicyDocument });
  const writing = { RoleName: 'flow-logs', PolicyName: 'p', PolicyDocument: policy('logs:*') };
  await account.call('iam:PutRolePolicy', writing);
});
afterAll(async () => {
  await logs.close();
  await account.close();
});

const newLogs = () => new Logs({ store: account.store, ...place, clock: () => account.nowMs });

const destination = () =>
  new LogGroupDestination({
    resource: {
      FlowLogId: 'fl-1',
      LogGroupName: 'flows',
      DeliverLogsPermissionArn: `arn:aws:iam::${place.accountId}:role/flow-logs`,
    } as FlowLogResource,
    flowLog: { format: defaultLogFormat, trafficType: 'ALL' },
    place,
    logs,
    access: new ServiceAccess(account.resources, account.authorizer),
  });

/** Of three records. */
const batchOf = (segment: number, piece: number): Batch => {
  const rows = testRows(
    [1, 2, 3].map((srcPort) => ({ srcPort, firstMs: account.nowMs, lastMs: account.nowMs })),
  );
  const id = { flowLogId: 'fl-1', spoolId: 's', segment, piece };
  return { id, records: buildRecords(rows, view, defaultLogFormat) };
};
async function events(): Promise<number> {
  const { events: found = [] } = await logs.getLogEvents({
    logGroupName: 'flows',
    logStreamName: 'eni-0-all',
  });
  return found.length;
}

describe('LogGroupDestination', () => {
  it('has the group take a batch once, also after a restart, until the flow log is forgotten', async () => {
    for (const [segment, piece] of [
      [1, 0],
      [1, 1],
      [2, 0],
      [2, 0],
      [1, 1],
    ]) {
      expect(await destination().deliver(batchOf(segment, piece))).toEqual({ kind: 'delivered' });
    }
    expect(await events()).toBe(9);
    await logs.close();
    await account.reopen();
    logs = newLogs();
    await destination().deliver(batchOf(2, 0));
    expect(await events()).toBe(9);
    await destination().forget();
    await destination().deliver(batchOf(2, 0));
    expect(await events()).toBe(12);
  });
});
