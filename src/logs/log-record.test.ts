import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AskedLogs, noonSeconds, recordOf } from '../../test/asked-logs.ts';
import { noonMs, refusal } from '../../test/open-logs.ts';

let asked: AskedLogs;
beforeAll(async () => {
  asked = await AskedLogs.open();
});
afterAll(() => asked.close());

describe('GetLogRecord', () => {
  const pointerTo = async (logGroupName: string, text: string) => {
    const { queryId } = await asked.start({
      logGroupName,
      queryString: `fields @message | filter @message like '${text}'`,
    });
    return (await asked.finished(queryId)).results[0].at(-1)?.value ?? '';
  };

  it('gives all fields of a record', async () => {
    const logRecordPointer = await pointerTo('g', '10.0.0.2');
    expect(await asked.opened.logs.getLogRecord({ logRecordPointer })).toEqual({
      logRecord: {
        '@ingestionTime': String(noonMs),
        '@log': '123456789012:g',
        '@logStream': 's',
        '@message': recordOf('10.0.0.2', 443),
        '@ptr': logRecordPointer,
        '@timestamp': String(noonMs + 1),
        accountId: '123456789010',
        action: 'ACCEPT',
        bytes: '4249',
        dstAddr: '10.0.0.9',
        dstPort: '443',
        endTime: String(noonSeconds + 60),
        interfaceId: 'eni-1',
        logStatus: 'OK',
        packets: '20',
        protocol: '6',
        srcAddr: '10.0.0.2',
        srcPort: '1000',
        startTime: String(noonSeconds),
        version: '2',
      },
    });
  });

  it('gives the fields of JSON', async () => {
    const logRecordPointer = await pointerTo('h', 'list');
    const { logRecord } = await asked.opened.logs.getLogRecord({ logRecordPointer });
    expect(logRecord).toMatchObject({ 'a.b': '1', 'list.0': '1', 'list.1': 'x', '@@c': 'd' });
  });

  it.each([
    { name: 'no pointer', logRecordPointer: '?', expected: /^InvalidParameterException/ },
    {
      name: 'a group that is gone',
      logRecordPointer: btoa('1:1:1:none'),
      expected: /^ResourceNotFoundException/,
    },
    {
      name: 'an event that is gone',
      logRecordPointer: btoa('1:1:123456789012:g'),
      expected: /^ResourceNotFoundException/,
    },
  ])('refuses $name', async ({ logRecordPointer, expected }) => {
    expect(await refusal(() => asked.opened.logs.getLogRecord({ logRecordPointer }))).toMatch(expected);
  });
});

describe('GetLogGroupFields', () => {
  it('tells how many events have a field', async () => {
    asked.opened.nowMs += 60_000;
    const { logGroupFields } = await asked.opened.logs.getLogGroupFields({ logGroupName: 'h' });
    expect(logGroupFields).toEqual([
      ...['@ingestionTime', '@log', '@logStream', '@message', '@timestamp'].map((name) => ({
        name,
        percent: 100,
      })),
      ...['@@c', 'a.b', 'list.0', 'list.1'].map((name) => ({ name, percent: 50 })),
    ]);
  });

  it('looks around a time', async () => {
    const at = async (time: number) =>
      (await asked.opened.logs.getLogGroupFields({ logGroupIdentifier: 'g', time })).logGroupFields.length;
    expect(await at(noonSeconds + 400)).toBe(19);
    expect(await at(noonSeconds + 500)).toBe(0);
  });
});
