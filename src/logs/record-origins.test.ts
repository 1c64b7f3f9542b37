import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OpenedLogs, refusal } from '../../test/open-logs.ts';
import { ServiceError } from '../fault/index.ts';
import { parseHeader, parseLines } from '../record/index.ts';
import type { RecordOrigin } from './ingest-shapes.ts';

let opened: OpenedLogs;
beforeEach(async () => {
  opened = await OpenedLogs.open();
});
afterEach(() => opened.close());

const format = parseHeader('start srcport action');

/** One record, whose source port is the number. */
function put(port: number, origin?: Partial<RecordOrigin>, logGroupName = 'g'): Promise<void> {
  const records = {
    ...parseLines(`1600000000 ${port} ACCEPT`, format),
    interfaceIds: ['eni-1'],
    endSeconds: Float64Array.of(1_600_000_060),
    packets: Float64Array.of(1),
    bytes: Float64Array.of(1),
  };
  const known = origin && { source: 'fl-1', sequence: 'a', number: [0, 0] as const, ...origin };
  return opened.logs.putRecords({
    logGroupName,
    logStreamName: 's',
    records,
    ...(known ? { origin: known } : {}),
  });
}

const ports = async (logGroupName = 'g') =>
  (await opened.logs.filterLogEvents({ logGroupName })).events.map(({ message }) => message.split(' ')[1]);

describe('records of an origin', () => {
  it.each<{ name: string; given: readonly Partial<RecordOrigin>[]; taken: readonly number[] }>([
    { name: 'are taken once', given: [{ number: [1, 0] }, { number: [1, 0] }], taken: [0] },
    { name: 'go on with the next piece', given: [{ number: [1, 0] }, { number: [1, 1] }], taken: [0, 1] },
    { name: 'go on with the next segment', given: [{ number: [1, 5] }, { number: [2, 0] }], taken: [0, 1] },
    { name: 'are not taken from behind', given: [{ number: [2, 0] }, { number: [1, 9] }], taken: [0] },
    {
      name: 'are not taken from an earlier piece',
      given: [{ number: [2, 3] }, { number: [2, 2] }],
      taken: [0],
    },
    { name: 'begin anew in another sequence', given: [{ number: [9, 9] }, { sequence: 'b' }], taken: [0, 1] },
    { name: 'are of their source', given: [{ number: [9, 9] }, { source: 'fl-2' }], taken: [0, 1] },
  ])('$name', async ({ given, taken }) => {
    for (const [port, origin] of given.entries()) await put(port, origin);
    expect(await ports()).toEqual(taken.map(String));
    await opened.reopen();
    for (const [port, origin] of given.entries()) await put(port, origin);
    // The sequences take turns: what was taken of the one is known until the other comes.
    const again = new Set(given.map(({ sequence }) => sequence)).size > 1;
    expect(await ports()).toEqual([...taken, ...(again ? taken : [])].map(String));
  });

  it('are taken once by many at the same time', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, i) => put(i >> 1, { number: [i >> 1, 0] })));
    expect(await ports()).toEqual(Array.from({ length: 10 }, (_, i) => String(i)));
  });

  it('that were refused are not known to be there', async () => {
    const wrong = { source: 'fl-1', sequence: 'a', number: [1, 0] } as const;
    const attempts = await Promise.all([
      refusal(() => put(1, wrong, 'no such:group')),
      refusal(() => put(1, wrong)),
      refusal(() => put(1, wrong)),
    ]);
    expect(attempts).toEqual([expect.stringMatching(/^InvalidParameterException/), 'no error', 'no error']);
    expect(await ports()).toEqual(['1']);
  });

  it('whose commit fails are not known to be there, for who comes meanwhile either', async () => {
    const full = new ServiceError('ServiceUnavailableException', 'The disk is full.');
    const commit = vi.spyOn(opened.store, 'commit').mockImplementationOnce(async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      throw full;
    });
    const given = { number: [1, 0] } as const;
    const attempts = await Promise.all([refusal(() => put(1, given)), refusal(() => put(1, given))]);
    expect(attempts).toEqual([`${full.code}: ${full.message}`, 'no error']);
    commit.mockRestore();
    expect(await ports()).toEqual(['1']);
  });

  it('are taken again when their source was forgotten', async () => {
    await put(1, {});
    await opened.logs.forgetOrigin('fl-1');
    await opened.logs.forgetOrigin('fl-none');
    expect(opened.store.documents.table('recordOrigins').size).toBe(0);
    await opened.reopen();
    await put(2, {});
    expect(await ports()).toEqual(['1', '2']);
  });

  it('stay known when their group is gone: they have been there', async () => {
    await put(1, {});
    await opened.logs.deleteLogGroup({ logGroupName: 'g' });
    await put(1, {});
    await put(2, { number: [0, 1] });
    expect(await ports()).toEqual(['2']);
  });
});
