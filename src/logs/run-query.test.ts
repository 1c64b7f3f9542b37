import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AskedLogs, plainRows } from '../../test/asked-logs.ts';
import { noonMs, refusal } from '../../test/open-logs.ts';

let asked: AskedLogs;
beforeEach(async () => {
  asked = await AskedLogs.open();
});
afterEach(() => asked.close());

describe('a query of the same process', () => {
  const ask = (request: Parameters<AskedLogs['run']>[0]) => asked.run({ logGroups: ['g'], ...request });

  it('gives columns and rows', async () => {
    expect(await ask({})).toMatchObject({
      columns: ['srcAddr', 'none', '@ptr'],
      hasPointer: true,
      rows: [
        ['10.0.0.1', null, expect.any(String)],
        ['10.0.0.2', null, expect.any(String)],
      ],
      statistics: { recordsScanned: 2 },
    });
  });

  it('knows beginnings of names', async () => {
    const { statistics } = await ask({ logGroups: ['*'] });
    expect(statistics).toMatchObject({ recordsScanned: 4, logGroupsScanned: 3 });
    expect(await refusal(() => ask({ logGroups: ['x*'] }))).toMatch(
      /^ResourceNotFoundException: Log group 'x\*'/,
    );
    expect(await refusal(() => ask({ logGroups: [] }))).toMatch(/^InvalidParameterException: Exactly one/);
  });

  it('finds nothing before its group was made', async () => {
    expect((await ask({ startMs: 0, endMs: 1000 })).rows).toEqual([]);
  });

  it('ends when it is aborted', async () => {
    const reason = new Error('stop');
    await expect(ask({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe('queries of the same process', () => {
  it('wait for each other when they are many', async () => {
    const control = new AbortController();
    const answers = Array.from({ length: 10 }, () => asked.run({ logGroups: ['g'] }));
    const gone = asked.run({ logGroups: ['g'], signal: control.signal });
    control.abort(new RangeError('gone'));
    await expect(gone).rejects.toThrow('gone');
    for (const { rows } of await Promise.all(answers)) expect(rows).toHaveLength(2);
  });
});

describe('a query over several groups', () => {
  it('is not asked for what is before the creation of the group, but for what comes then', async () => {
    const file = await asked.opened.logs.beginImport({
      logGroupName: 'g',
      logStreamName: 'old',
      sha256: '1',
      fileName: 'x',
    });
    await file?.addEvents([{ timestamp: noonMs - 86_400_000, message: 'old' }]);
    await file?.finish();
    const { queryId } = await asked.start({ queryString: 'fields @message', startTime: 0 });
    expect((await asked.finished(queryId)).results).toHaveLength(3);
  });

  it('looks as far back in each as that was made', async () => {
    const file = await asked.opened.logs.beginImport({
      logGroupName: 'old',
      logStreamName: 's',
      sha256: '1',
      fileName: 'x',
    });
    await file?.addEvents([{ timestamp: noonMs - 86_400_000, message: '{"port": "443", "name": "https"}' }]);
    await file?.finish();
    const queryString =
      'fields dstPort | join left=l right=r where l.dstPort = r.port (SOURCE "old" | fields port, name) | fields r.name';
    const { queryId } = await asked.start({ queryString, startTime: 0 });
    expect(plainRows(await asked.finished(queryId))).toMatchObject([{ 'r.name': 'https' }]);
  });

  it('lacks some commands where one of them is of the Infrequent Access class', async () => {
    const ask = (queryString: string) => () => asked.start({ logGroupName: 'cold', queryString });
    await expect(ask('pattern @message')).rejects.toMatchObject({ start: 0, end: 16 });
    const three = 'stats count(*) as a by @log | stats sum(a) as b by @log | stats max(b)';
    await expect(ask(three)).rejects.toMatchObject({ name: 'QueryError', start: three.lastIndexOf('stats') });
    expect(await refusal(ask('stats count(*)'))).toBe('no error');
  });
});
