import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noonMs, OpenedLogs } from '../../../test/open-logs.ts';
import type { Action, Call, Target } from '../action.ts';
import { logsActions } from './actions.ts';

const place = { accountId: '123456789012', region: 'eu-central-1' };
const groups = 'arn:aws:logs:eu-central-1:123456789012:log-group:';
const group = (name: string) => `logs ${groups}${name}:log-stream:`;
const role = 'arn:aws:iam::123456789012:role/sender';
const aSecond = { startTime: noonMs / 1000 - 60, endTime: noonMs / 1000 };

let opened: OpenedLogs;

beforeAll(async () => {
  opened = await OpenedLogs.open();
  for (const logGroupName of ['open', 'secret', 'secret-too']) {
    await opened.logs.createLogGroup({ logGroupName });
  }
});

afterAll(() => opened.close());

function targetsOf(action: string, input: object): readonly Target[] {
  const found = logsActions(() => opened.logs)[action] as Action<object>;
  return found.targets?.(input, { place } as Call) ?? [];
}

/** What IAM is asked about: an action, where it is not the one that was called, and a resource. */
function asked(action: string, input: object): string[] {
  return targetsOf(action, input).map((target) => `${target.action ?? 'logs'} ${target.resource}`);
}

function pointer(log: string): string {
  return btoa(`${noonMs}:1:${log}`);
}

describe('what CloudWatch Logs asks IAM about', () => {
  it.each<[name: string, action: string, input: object, expected: string[]]>([
    [
      'a query of a group',
      'StartQuery',
      { ...aSecond, logGroupName: 'open', queryString: 'fields @message' },
      [group('open')],
    ],
    [
      'the group of an inner query',
      'StartQuery',
      {
        ...aSecond,
        logGroupName: 'open',
        queryString: 'filter "x" in (SOURCE "secret" | fields @message)',
      },
      [group('open'), group('secret')],
    ],
    [
      'the group of a join',
      'StartQuery',
      {
        ...aSecond,
        logGroupName: 'open',
        queryString:
          'fields @message, 1 as k | join type=left left=a right=b where a.k=b.k (SOURCE "secret" | fields 1 as k)',
      },
      [group('open'), group('secret')],
    ],
    [
      'a group that SOURCE names',
      'StartQuery',
      { ...aSecond, queryString: 'SOURCE "secret" | fields @message' },
      [group('secret')],
    ],
    [
      'groups that SOURCE selects',
      'StartQuery',
      { ...aSecond, queryString: 'SOURCE logGroups(namePrefix: ["secret"]) | fields @message' },
      [group('secret'), group('secret-too')],
    ],
    [
      'a text that is no query',
      'StartQuery',
      { ...aSecond, logGroupName: 'open', queryString: 'fields |' },
      [group('open')],
    ],
    ['neither groups nor SOURCE', 'StartQuery', { ...aSecond, queryString: 'fields @message' }, [group('')]],
    [
      'the group of a pointer',
      'GetLogRecord',
      { logRecordPointer: pointer('123456789012:secret') },
      [group('secret')],
    ],
    ['a new group', 'CreateLogGroup', { logGroupName: 'new' }, [group('new')]],
    [
      'a new group with tags',
      'CreateLogGroup',
      { logGroupName: 'new', tags: { a: 'b' } },
      [group('new'), `logs:TagResource ${groups}new`],
    ],
    [
      'the role of a subscription',
      'PutSubscriptionFilter',
      { logGroupName: 'open', filterName: 'f', filterPattern: '', destinationArn: 'x', roleArn: role },
      [group('open'), `iam:PassRole ${role}`],
    ],
  ])('%s', (_, action, input, expected) => {
    expect(asked(action, input)).toEqual(expected);
  });

  it('the tags of the group are conditions, beside those of the request', async () => {
    const resourceArn = `${groups}open`;
    await opened.logs.tagResource({ resourceArn, tags: { team: 'net' } });
    const keysOf = (action: string, input: object) => targetsOf(action, input).map(({ keys }) => keys);
    const ofGroup = { 'aws:ResourceTag/team': 'net' };
    const stream = { logGroupName: 'open', logStreamName: 's' };
    expect(keysOf('GetLogEvents', stream)).toEqual([ofGroup]);
    expect(keysOf('FilterLogEvents', { logGroupIdentifier: `${resourceArn}:*` })).toEqual([ofGroup]);
    const query = { ...aSecond, queryString: 'SOURCE "open" | fields @message' };
    expect(keysOf('StartQuery', query)).toEqual([ofGroup]);
    expect(keysOf('TagResource', { resourceArn, tags: { a: 'b' } })).toEqual([
      { ...ofGroup, 'aws:RequestTag/a': 'b', 'aws:TagKeys': ['a'] },
    ]);
    expect(keysOf('GetLogEvents', { ...stream, logGroupName: 'secret' })).toEqual([undefined]);
  });
});
