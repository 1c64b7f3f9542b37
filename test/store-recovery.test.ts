import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Store } from '../src/store/index.ts';
import { baseMs, hourMs, names, randomBatch, randomOf } from './store-rows.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'headgate-recovery-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;
const newDirectory = () => path.join(folder, String(count++));

interface Opened {
  readonly store: Store;
  readonly reports: string[];
}

async function open(directory: string, recentRows = 1000): Promise<Opened> {
  const reports: string[] = [];
  const clock = () => baseMs + 10 * hourMs;
  const report = (sentence: string) => reports.push(sentence);
  return { store: await Store.open({ directory, macros: [], recentRows, clock, report }), reports };
}

/** Each commit has ten events of one hour. */
async function commit(store: Store, seed: number, hour = seed % 3): Promise<void> {
  const plan = { group: 1, stream: 10, rows: 10, fromMs: baseMs + hour * hourMs, spanMs: 1000 };
  const rows = [randomBatch({ ...plan, kind: 'records 1' }, randomOf(seed))];
  await store.commit({ documents: [{ put: 'commits', key: String(seed), value: seed }], rows });
}

/** A closed store with so many commits behind the names, all in one journal. */
async function journaled(commits: number): Promise<string> {
  const directory = newDirectory();
  const { store } = await open(directory);
  await store.commit({ documents: names });
  for (let seed = 1; seed <= commits; seed++) await commit(store, seed);
  await store.close();
  return directory;
}

const journalOf = (directory: string) => path.join(directory, 'journal', '1.journal');
const journals = (directory: string) => readdirSync(path.join(directory, 'journal')).sort();
const eventsOf = (store: Store) => store.readEvents({ group: 1, startMs: 0, endMs: 1e15, limit: 1e6 });
const idsOf = async (store: Store) => (await eventsOf(store)).map(({ id }) => id).sort((a, b) => a - b);
const ids = (to: number) => Array.from({ length: to }, (_, i) => i + 1);

function segmentFiles(directory: string): string[] {
  const found = readdirSync(path.join(directory, 'segments'), { recursive: true, encoding: 'utf8' });
  return found.filter((name) => name.endsWith('.parquet')).sort();
}

/** Where in the journal a commit begins: its sequence is at 8 bytes behind. */
function frameStart(bytes: Buffer, sequence: number): number {
  let at = 8;
  for (let n = 1; n < sequence; n++) at += 24 + bytes.readUInt32LE(at);
  expect(bytes.readDoubleLE(at + 8)).toBe(sequence);
  return at;
}

describe('a journal', () => {
  it('whose last commit nobody was told of is cut off there', async () => {
    const directory = await journaled(3);
    const bytes = readFileSync(journalOf(directory));
    const half = bytes.subarray(frameStart(bytes, 4)).subarray(0, 100);
    writeFileSync(journalOf(directory), Buffer.concat([bytes, half]));
    const { store, reports } = await open(directory);
    expect(reports).toEqual([expect.stringMatching(/^100 bytes of a commit that nobody was told of/)]);
    expect(store.status()).toMatchObject({ sequence: 4, missingCommits: 0 });
    expect(await idsOf(store)).toEqual(ids(30));
    await commit(store, 4);
    await store.close();
    const again = await open(directory);
    expect(again.reports).toEqual([]);
    expect(await idsOf(again.store)).toEqual(ids(40));
    await again.store.close();
  });

  const damages: [name: string, damage: (bytes: Buffer) => Buffer, good: number][] = [
    ['a bit is wrong in the midst', (bytes) => flipped(bytes, frameStart(bytes, 4) + 60), 2],
    ['the last commit is wrong', (bytes) => flipped(bytes, bytes.length - 5), 4],
    ['its end is missing', (bytes) => bytes.subarray(0, frameStart(bytes, 5) + 10), 3],
    ['two commits are missing at its end', (bytes) => bytes.subarray(0, frameStart(bytes, 5)), 3],
    ['its header is wrong', (bytes) => flipped(bytes, 3), -1],
    ['it is empty', () => Buffer.alloc(0), -1],
  ];
  it.each(damages)('is moved aside and good up to where %s', async (name, damage, good) => {
    const directory = await journaled(5);
    const bytes = Buffer.from(readFileSync(journalOf(directory)));
    const damaged = damage(Buffer.from(bytes));
    writeFileSync(journalOf(directory), damaged);
    const { store, reports } = await open(directory);
    const missing = 5 - good;
    expect(store.status()).toMatchObject({ sequence: good + 1, missingCommits: missing });
    expect(reports.join()).toMatch(`${missing} acknowledged commits are missing`);
    const isAside = journals(directory).includes('1.journal.corrupt-1');
    expect(isAside, name).toBe(damaged.length > 0 && !name.startsWith('two commits'));
    if (isAside) {
      expect(readFileSync(`${journalOf(directory)}.corrupt-1`)).toEqual(damaged);
      expect(reports.join()).toMatch('1.journal.corrupt-1');
    }
    expect(await idsOf(store)).toEqual(ids(Math.max(0, good) * 10));
    if (good < 0) await store.commit({ documents: names });
    await commit(store, 9);
    await store.close();
    const again = await open(directory);
    expect(again.reports).toEqual([]);
    expect(await idsOf(again.store)).toEqual(ids((Math.max(0, good) + 1) * 10));
    await again.store.close();
  });

  it('that is damaged takes documents and numbers back to one commit', async () => {
    const directory = await journaled(2);
    const first = await open(directory);
    await first.store.flush();
    for (let seed = 3; seed <= 6; seed++) await commit(first.store, seed, 5);
    // Writes the manifest, while those commits are in the journal alone.
    await first.store.commit({ drop: [{ group: 1, beforeMs: baseMs + 2 * hourMs }] });
    await first.store.close();
    const [journal] = journals(directory).map((name) => path.join(directory, 'journal', name));
    const bytes = readFileSync(journal);
    writeFileSync(journal, flipped(bytes, 8 + 24 + bytes.readUInt32LE(8) + 60));
    const { store } = await open(directory);
    const last = store.status().sequence;
    expect([...store.documents.table('commits').keys()]).toEqual(['1', '2', '3']);
    const known = await idsOf(store);
    await commit(store, 7, 6);
    expect((await idsOf(store)).filter((id) => !known.includes(id))).toEqual(
      Array.from({ length: 10 }, (_, i) => 61 + i),
    );
    // The number of the cut that was lost is given again, to another that takes what is in segments.
    await store.commit({ drop: [{ group: 1 }] });
    expect(await idsOf(store)).toEqual([]);
    await store.close();
    const again = await open(directory);
    expect(again.store.status().sequence).toBe(last + 2);
    expect(await idsOf(again.store)).toEqual([]);
    await again.store.close();
  });

  it('that was being mended when the process ended is mended again', async () => {
    const directory = await journaled(5);
    const bytes = readFileSync(journalOf(directory));
    const damaged = flipped(Buffer.from(bytes), frameStart(bytes, 4) + 60);
    writeFileSync(journalOf(directory), damaged);
    cpSync(journalOf(directory), `${journalOf(directory)}.corrupt-1`);
    writeFileSync(`${journalOf(directory)}.new`, damaged.subarray(0, 20));
    const { store } = await open(directory);
    expect(await idsOf(store)).toEqual(ids(20));
    await store.close();
    expect(journals(directory)).toEqual(['1.journal', '1.journal.corrupt-1', '1.journal.corrupt-2']);
  });

  it('that is gone is missed', async () => {
    const directory = await journaled(5);
    rmSync(journalOf(directory));
    const { store, reports } = await open(directory);
    expect(reports).toEqual([expect.stringMatching('6 acknowledged commits are missing')]);
    await store.close();
  });
});

function flipped(bytes: Buffer, at: number): Buffer {
  bytes[at] ^= 1;
  return bytes;
}

describe('moving rows to segments, when it ends', () => {
  /** A store before and after a step, each as a folder of its own. */
  async function beforeAndAfter(
    step: (store: Store) => Promise<void>,
    prepare?: (store: Store) => Promise<void>,
  ) {
    const before = await journaled(5);
    if (prepare) {
      const { store } = await open(before);
      await prepare(store);
      await store.close();
    }
    const after = newDirectory();
    cpSync(before, after, { recursive: true });
    const { store } = await open(after);
    await step(store);
    await store.close();
    return { before, after };
  }

  async function expectWhole(directory: string, rows = 50): Promise<void> {
    const { store, reports } = await open(directory);
    expect(reports).toEqual([]);
    expect(await idsOf(store)).toEqual(ids(rows));
    expect(store.groupSummary(1).rows).toBe(rows);
    await store.flush();
    expect(await idsOf(store)).toEqual(ids(rows));
    expect(segmentFiles(directory)).toHaveLength(store.status().segments);
    await store.close();
  }

  it("before the manifest: segments are nobody's and go", async () => {
    const { before, after } = await beforeAndAfter((store) => store.flush());
    expect(segmentFiles(after).length).toBeGreaterThan(0);
    cpSync(path.join(after, 'segments'), path.join(before, 'segments'), { recursive: true });
    writeFileSync(path.join(before, 'segments', '1', 'half-written.parquet'), 'PAR1');
    await expectWhole(before);
  });

  it('before the journal is gone: it goes', async () => {
    const { before, after } = await beforeAndAfter((store) => store.flush());
    expect(journals(after)).toEqual([]);
    cpSync(journalOf(before), journalOf(after));
    await expectWhole(after);
    expect(journals(after)).toEqual([]);
  });

  /** Two segments for each hour, which have settled. */
  const twice = async (store: Store) => {
    await store.flush();
    for (let seed = 6; seed <= 8; seed++) await commit(store, seed);
  };

  it('while segments are merged, before the manifest', async () => {
    const { before, after } = await beforeAndAfter((store) => store.flush(), twice);
    cpSync(path.join(after, 'segments'), path.join(before, 'segments'), { recursive: true });
    await expectWhole(before, 80);
  });

  it('while segments are merged, before those that were are gone', async () => {
    const { before, after } = await beforeAndAfter((store) => store.flush(), twice);
    cpSync(path.join(before, 'segments'), path.join(after, 'segments'), { recursive: true });
    await expectWhole(after, 80);
  });
});

describe('a folder', () => {
  it('that a process has open is not opened again', async () => {
    const directory = newDirectory();
    const { store } = await open(directory);
    await expect(open(directory)).rejects.toMatchObject({
      name: 'ConfigError',
      code: 'StoreInUse',
      message: expect.stringContaining(`process ${process.pid} `),
    });
    await store.close();
    await (await open(directory)).store.close();
  });

  const stale: [name: string, text: string][] = [
    ['that is gone', JSON.stringify({ pid: 2 ** 22 + 1, began: 'a boot 1' })],
    ['whose number another has now', JSON.stringify({ pid: process.pid, began: 'a boot 1' })],
    ['of which nothing was written', ''],
  ];
  it.each(stale)('of a process %s is taken over', async (_, text) => {
    const directory = newDirectory();
    mkdirSync(directory);
    writeFileSync(path.join(directory, 'owner'), text);
    await (await open(directory)).store.close();
    expect(readdirSync(directory).filter((name) => name.startsWith('owner'))).toEqual([]);
  });

  const invalid: [name: string, spoil: (manifest: string) => void][] = [
    ['without its manifest', (manifest) => rmSync(manifest)],
    ['whose manifest is cut short', (manifest) => truncateSync(manifest, 40)],
    ['of another make', (manifest) => writeFileSync(manifest, '{"make":"headgate store 99"}')],
  ];
  it.each(invalid)('%s is refused, and nothing in it is touched', async (_, spoil) => {
    const directory = await journaled(2);
    spoil(path.join(directory, 'manifest.json'));
    await expect(open(directory)).rejects.toMatchObject({ name: 'ConfigError', code: 'StoreInvalid' });
    expect(journals(directory)).toEqual(['1.journal']);
    await expect(open(directory)).rejects.toMatchObject({ code: 'StoreInvalid' });
  });
});

describe('a disk', () => {
  it('that is full refuses the commit, and the store is good when it is opened again', async () => {
    const directory = await journaled(2);
    const { store } = await open(directory);
    cpSync(journalOf(directory), `${journalOf(directory)}.kept`);
    rmSync(journalOf(directory));
    symlinkSync('/dev/full', journalOf(directory));
    const refused = { name: 'ServiceError', code: 'ServiceUnavailableException' };
    const both = [commit(store, 3), commit(store, 4)];
    for (const one of both) await expect(one).rejects.toMatchObject(refused);
    await expect(commit(store, 5)).rejects.toMatchObject(refused);
    // What was refused is not there; what was there is.
    expect(await idsOf(store)).toEqual(ids(20));
    expect(store.documents.table('commits').has('3')).toBe(false);
    await store.close();
    rmSync(journalOf(directory));
    cpSync(`${journalOf(directory)}.kept`, journalOf(directory));
    rmSync(`${journalOf(directory)}.kept`);
    const again = await open(directory);
    expect(again.reports).toEqual([]);
    expect(await idsOf(again.store)).toEqual(ids(20));
    await commit(again.store, 3);
    await again.store.close();
  });

  it('that takes no segments is told of; rows stay, and are moved when it does', async () => {
    const directory = newDirectory();
    const { store, reports } = await open(directory, 15);
    await store.commit({ documents: names });
    writeFileSync(path.join(directory, 'segments', '1'), 'in the way');
    await commit(store, 1);
    await commit(store, 2);
    await expect(store.flush()).rejects.toThrow();
    expect(await idsOf(store)).toEqual(ids(20));
    rmSync(path.join(directory, 'segments', '1'));
    await store.flush();
    expect(await idsOf(store)).toEqual(ids(20));
    expect(store.status()).toMatchObject({ recentRows: 0, segmentRows: 20 });
    expect(reports.every((sentence) => sentence.startsWith('could not move rows to segments'))).toBe(true);
    await store.close();
  });

  it('that takes no manifest for a while keeps nothing afterwards that is not needed', async () => {
    const directory = await journaled(5);
    const inTheWay = path.join(directory, 'manifest.json.new');
    for (let round = 0; round < 2; round++) {
      const { store } = await open(directory);
      await commit(store, 6 + round);
      mkdirSync(inTheWay);
      await store.flush().catch(() => undefined);
      await store.flush().catch(() => undefined);
      rmSync(inTheWay, { recursive: true });
      await commit(store, 16 + round);
      await store.flush();
      expect(journals(directory)).toEqual([]);
      expect(segmentFiles(directory)).toHaveLength(store.status().segments);
      expect(await idsOf(store)).toEqual(ids(70 + 20 * round));
      await store.close();
    }
  });

  it('on which a segment is damaged takes rows all the same', async () => {
    const directory = newDirectory();
    const { store, reports } = await open(directory, 15);
    await store.commit({ documents: names });
    await commit(store, 1, 0);
    await store.flush();
    const [spoilt] = segmentFiles(directory);
    writeFileSync(path.join(directory, 'segments', spoilt), 'not Parquet');
    for (let seed = 2; seed <= 20; seed++) await commit(store, seed, seed % 2);
    await store.flush();
    expect(store.status()).toMatchObject({ recentRows: 0, segmentRows: 200 });
    expect(reports.join()).toContain(spoilt);
    // What is dropped goes, readable or not.
    await store.commit({ drop: [{ group: 1 }] });
    await store.flush();
    expect(store.status()).toMatchObject({ segments: 0 });
    await store.close();
    expect(segmentFiles(directory)).toEqual([]);
  });

  it('that takes no segments for long makes the store refuse rows, not grow', async () => {
    const directory = newDirectory();
    const { store } = await open(directory, 15);
    await store.commit({ documents: names });
    writeFileSync(path.join(directory, 'segments', '1'), 'in the way');
    let taken = 0;
    const refusal = async () => {
      for (; taken < 50; taken++) await commit(store, taken + 1);
    };
    await expect(refusal()).rejects.toMatchObject({ code: 'ServiceUnavailableException' });
    expect(taken).toBeLessThan(10);
    expect(await idsOf(store)).toEqual(ids(taken * 10));
    rmSync(path.join(directory, 'segments', '1'));
    await store.flush();
    await commit(store, 50);
    expect(await idsOf(store)).toEqual(ids(taken * 10 + 10));
    await store.close();
  });
});
