import { DeleteFlowLogsCommand } from '@aws-sdk/client-ec2';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { refusal } from '../server.ts';
import { FlowLogAccount } from './flow-log-account.ts';

let account: FlowLogAccount;
beforeAll(async () => {
  account = await FlowLogAccount.open();
});
afterEach(() => account.deleteFlowLogs());
afterAll(() => account.close());

const remove = (...FlowLogIds: string[]) => account.ec2.send(new DeleteFlowLogsCommand({ FlowLogIds }));

describe('DeleteFlowLogs: serialization', () => {
  it('answers with an empty list', async () => {
    expect((await remove(await account.createOne())).Unsuccessful).toEqual([]);
  });
});

describe('DeleteFlowLogs: validation', () => {
  const unknown = ['fl-1a2b3c4d', 'fl-2b3c4d5e'];
  it.each([
    { name: 'one id', ids: unknown.slice(0, 1), listed: '[TotalCount: 1] fl-1a2b3c4d' },
    { name: 'two ids', ids: unknown, listed: '[TotalCount: 2] fl-1a2b3c4d fl-2b3c4d5e' },
  ])('$name that nobody has', async ({ ids, listed }) => {
    expect(await refusal(remove(...ids))).toEqual({
      code: 'InvalidFlowLogId.NotFound',
      message: `These flow log ids in the input list are not found: ${listed}`,
      status: 400,
    });
  });

  it('no ids', async () => {
    expect(
      await refusal(account.ec2.send(new DeleteFlowLogsCommand({ FlowLogIds: undefined }))),
    ).toMatchObject({
      status: 400,
    });
  });
});

describe('DeleteFlowLogs: behaviour', () => {
  it('deletes several at once', async () => {
    const ids = [await account.createOne(), await account.createOne({ LogGroupName: 'headgate-other' })];
    await remove(...ids);
    expect(await account.describe({ FlowLogIds: ids })).toEqual([]);
  });

  it('makes room for the same flow log', async () => {
    const first = await account.createOne();
    await remove(first);
    expect(await account.createOne()).not.toBe(first);
  });

  it('says what a dry run would have done, and does nothing', async () => {
    const id = await account.createOne();
    const command = new DeleteFlowLogsCommand({ FlowLogIds: [id], DryRun: true });
    expect(await refusal(account.ec2.send(command))).toMatchObject({ code: 'DryRunOperation', status: 412 });
    expect(await account.describe({ FlowLogIds: [id] })).toHaveLength(1);
  });
});
