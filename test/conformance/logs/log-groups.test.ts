import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DeleteRetentionPolicyCommand,
  DescribeLogGroupsCommand,
  ListLogGroupsCommand,
  ListTagsForResourceCommand,
  ListTagsLogGroupCommand,
  PutLogGroupDeletionProtectionCommand,
  PutRetentionPolicyCommand,
  TagLogGroupCommand,
  TagResourceCommand,
  UntagLogGroupCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRemote, refusal, ServedAccount } from '../server.ts';

let served: ServedAccount;
let logs: CloudWatchLogsClient;
const made: string[] = [];

beforeAll(async () => {
  served = await ServedAccount.open();
  logs = new CloudWatchLogsClient(served.client());
});

afterAll(async () => {
  for (const logGroupName of made) {
    await logs.send(new DeleteLogGroupCommand({ logGroupName })).catch(() => undefined);
  }
  await served.close();
});

async function create(more: object = {}): Promise<string> {
  const logGroupName = served.name('group');
  made.push(logGroupName);
  await logs.send(new CreateLogGroupCommand({ logGroupName, ...more }));
  return logGroupName;
}

const arnOf = (name: string) => `arn:aws:logs:${served.region}:${served.accountId}:log-group:${name}`;
const describedAs = async (logGroupNamePrefix: string) =>
  (await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix }))).logGroups;

describe('serialization', () => {
  it('CreateLogGroup, DescribeLogGroups, ListLogGroups', async () => {
    const before = Date.now();
    const name = await create({ tags: { team: 'net' } });
    const [group, ...others] = (await describedAs(name)) ?? [];
    expect(others).toEqual([]);
    expect(group).toEqual({
      logGroupName: name,
      arn: `${arnOf(name)}:*`,
      logGroupArn: arnOf(name),
      creationTime: expect.any(Number),
      metricFilterCount: 0,
      storedBytes: 0,
      logGroupClass: 'STANDARD',
      deletionProtectionEnabled: false,
    });
    expect(Math.abs((group.creationTime ?? 0) - before)).toBeLessThan(60_000);
    const { logGroups } = await logs.send(new ListLogGroupsCommand({ logGroupNamePattern: name }));
    expect(logGroups).toEqual([{ logGroupName: name, logGroupArn: arnOf(name), logGroupClass: 'STANDARD' }]);
  });

  it('PutRetentionPolicy, DeleteRetentionPolicy', async () => {
    const logGroupName = await create();
    await logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: 30 }));
    expect(await describedAs(logGroupName)).toMatchObject([{ retentionInDays: 30 }]);
    await logs.send(new DeleteRetentionPolicyCommand({ logGroupName }));
    expect((await describedAs(logGroupName))?.[0]).not.toHaveProperty('retentionInDays');
  });

  it('tags by ARN and by name are the same', async () => {
    const logGroupName = await create({ tags: { a: '1' } });
    const resourceArn = arnOf(logGroupName);
    await logs.send(new TagResourceCommand({ resourceArn, tags: { b: '2' } }));
    await logs.send(new TagLogGroupCommand({ logGroupName, tags: { c: 'ü = 3 @ home' } }));
    const tags = { a: '1', b: '2', c: 'ü = 3 @ home' };
    expect((await logs.send(new ListTagsForResourceCommand({ resourceArn }))).tags).toEqual(tags);
    expect((await logs.send(new ListTagsLogGroupCommand({ logGroupName }))).tags).toEqual(tags);
    await logs.send(new UntagResourceCommand({ resourceArn, tagKeys: ['a', 'nobody'] }));
    await logs.send(new UntagLogGroupCommand({ logGroupName, tags: ['b'] }));
    expect((await logs.send(new ListTagsForResourceCommand({ resourceArn }))).tags).toEqual({ c: tags.c });
  });
});

/** A row: what is asked, and the code and sentence of the refusal. */
const refused: readonly (readonly [string, () => Promise<unknown>, string, string | RegExp])[] = [
  [
    'a name that is too long',
    () => logs.send(new CreateLogGroupCommand({ logGroupName: 'a'.repeat(513) })),
    'InvalidParameterException',
    'Invalid LogGroup or LogStream, both must have length less than or equal to 512.',
  ],
  [
    'a name of other characters',
    () => logs.send(new CreateLogGroupCommand({ logGroupName: 'a b' })),
    'InvalidParameterException',
    "1 validation error detected: Value 'a b' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+",
  ],
  [
    "AWS's own names",
    () => logs.send(new CreateLogGroupCommand({ logGroupName: 'aws/spans-of-mine' })),
    'InvalidParameterException',
    /reserved for AWS/,
  ],
  [
    'no name',
    () => logs.send(new CreateLogGroupCommand({ logGroupName: undefined })),
    'InvalidParameterException',
    "1 validation error detected: Value null at 'logGroupName' failed to satisfy constraint: Member must not be null",
  ],
  [
    'a class that there is not',
    () => logs.send(new CreateLogGroupCommand({ logGroupName: 'g', logGroupClass: 'COLD' as 'STANDARD' })),
    'InvalidParameterException',
    "1 validation error detected: Value 'COLD' at 'logGroupClass' failed to satisfy constraint: Member must satisfy enum value set: [" +
      'STANDARD, INFREQUENT_ACCESS, DELIVERY, ESSENTIALS]',
  ],
  [
    'a page that is too long',
    () => logs.send(new DescribeLogGroupsCommand({ limit: 51 })),
    'InvalidParameterException',
    "1 validation error detected: Value '51' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 50",
  ],
  [
    'two faults at once',
    () => logs.send(new DescribeLogGroupsCommand({ limit: 0, logGroupNamePrefix: '!' })),
    'InvalidParameterException',
    /^2 validation errors detected: .*; .*/,
  ],
  [
    'prefix and pattern',
    () => logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: 'a', logGroupNamePattern: 'b' })),
    'InvalidParameterException',
    'LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.',
  ],
  [
    'a token of nobody',
    () => logs.send(new DescribeLogGroupsCommand({ nextToken: 'bm9ib2R5' })),
    'InvalidParameterException',
    'The specified nextToken is invalid.',
  ],
  [
    'a retention that there is not',
    () => logs.send(new PutRetentionPolicyCommand({ logGroupName: 'nowhere', retentionInDays: 2 })),
    'InvalidParameterException',
    /retentionInDays/,
  ],
];

/** What is asked of a group that there is not. */
const missing: readonly (readonly [string, (logGroupName: string) => Promise<unknown>])[] = [
  ['DeleteLogGroup', (logGroupName) => logs.send(new DeleteLogGroupCommand({ logGroupName }))],
  [
    'PutRetentionPolicy',
    (logGroupName) => logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: 7 })),
  ],
  ['DeleteRetentionPolicy', (logGroupName) => logs.send(new DeleteRetentionPolicyCommand({ logGroupName }))],
  ['ListTagsLogGroup', (logGroupName) => logs.send(new ListTagsLogGroupCommand({ logGroupName }))],
  ['TagLogGroup', (logGroupName) => logs.send(new TagLogGroupCommand({ logGroupName, tags: { a: 'b' } }))],
];

describe('validation', () => {
  it.each(refused)('%s', async (_name, ask, code, message) => {
    const expected = typeof message === 'string' ? message : expect.stringMatching(message);
    expect(await refusal(ask())).toEqual({ code, status: 400, message: expected });
  });

  it.each(missing)('%s of no group', async (_name, ask) => {
    expect(await refusal(ask(served.name('nowhere')))).toEqual({
      code: 'ResourceNotFoundException',
      status: 400,
      message: 'The specified log group does not exist.',
    });
  });

  it('tags of no group', async () => {
    const resourceArn = arnOf(served.name('nowhere'));
    expect(await refusal(logs.send(new ListTagsForResourceCommand({ resourceArn })))).toMatchObject({
      code: 'ResourceNotFoundException',
    });
  });
});

describe('behaviour', () => {
  it('is made once, deleted once', async () => {
    const logGroupName = await create();
    expect(await refusal(logs.send(new CreateLogGroupCommand({ logGroupName })))).toEqual({
      code: 'ResourceAlreadyExistsException',
      status: 400,
      message: 'The specified log group already exists',
    });
    await logs.send(new DeleteLogGroupCommand({ logGroupName }));
    expect(await describedAs(logGroupName)).toEqual([]);
  });

  it('is not deleted while it is protected', async () => {
    const logGroupName = await create({ deletionProtectionEnabled: true });
    expect(await describedAs(logGroupName)).toMatchObject([{ deletionProtectionEnabled: true }]);
    expect(await refusal(logs.send(new DeleteLogGroupCommand({ logGroupName })))).toMatchObject({
      code: 'ValidationException',
    });
    const protection = { logGroupIdentifier: logGroupName, deletionProtectionEnabled: false };
    await logs.send(new PutLogGroupDeletionProtectionCommand(protection));
    await logs.send(new DeleteLogGroupCommand({ logGroupName }));
  });

  it('comes in pages, in the order of ASCII', async () => {
    const prefix = served.name('page');
    const names = ['Z', 'a', '_', '1'].map((end) => `${prefix}${end}`);
    for (const logGroupName of names) {
      made.push(logGroupName);
      await logs.send(new CreateLogGroupCommand({ logGroupName }));
    }
    const found: (string | undefined)[] = [];
    let nextToken: string | undefined;
    do {
      const request = { logGroupNamePrefix: prefix, limit: 3, ...(nextToken && { nextToken }) };
      const page = await logs.send(new DescribeLogGroupsCommand(request));
      found.push(...(page.logGroups ?? []).map(({ logGroupName }) => logGroupName));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    expect(found).toEqual(['1', 'Z', '_', 'a'].map((end) => `${prefix}${end}`));
  });

  it.skipIf(isRemote)('takes back the tokens that it gave, for what it gave them', async () => {
    await create();
    await create();
    const { nextToken = '' } = await logs.send(new DescribeLogGroupsCommand({ limit: 1 }));
    const refusedToken = { code: 'InvalidParameterException', status: 400 };
    const elsewhere = new ListLogGroupsCommand({ nextToken });
    expect(await refusal(logs.send(elsewhere))).toMatchObject(refusedToken);
    const altered = `${nextToken.slice(0, -2)}${nextToken.endsWith('AA') ? 'BB' : 'AA'}`;
    const changed = new DescribeLogGroupsCommand({ nextToken: altered });
    expect(await refusal(logs.send(changed))).toMatchObject(refusedToken);
    expect((await logs.send(new DescribeLogGroupsCommand({ limit: 1, nextToken }))).logGroups).toHaveLength(
      1,
    );
  });

  it('has 50 tags at most', async () => {
    const resourceArn = arnOf(await create());
    const tags = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`key-${at}`, 'v']));
    await logs.send(new TagResourceCommand({ resourceArn, tags }));
    const more = new TagResourceCommand({ resourceArn, tags: { another: 'v' } });
    expect(await refusal(logs.send(more))).toMatchObject({ code: 'TooManyTagsException' });
  });
});
