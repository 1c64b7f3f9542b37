import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ObjectsUnderTest, putText, textOf, tree } from '../../test/open-objects.ts';

const under = new ObjectsUnderTest();

describe('start-up', () => {
  it('tells what is in the index or on the disk only, and files become objects when they are adopted', async () => {
    const store = await under.open('both');
    await store.makeBucket('b');
    const long = 'l'.repeat(300);
    for (const key of ['a', 'a/b', long, `x/${long}/y`, 'gone', 'cut', 'deep/er/gone'])
      await putText(store, 'b', key, key);
    await under.close(store);
    const bucket = under.path('both', 's3', 'b');
    rmSync(path.join(bucket, 'gone'));
    rmSync(path.join(bucket, 'deep'), { recursive: true });
    appendFileSync(path.join(bucket, 'cut'), 'more');
    mkdirSync(path.join(bucket, 'laid', 'in'), { recursive: true });
    const laid = {
      'laid/in/by hand': '1',
      '100%.txt': '2',
      'laid%': '3',
      [`n${'n'.repeat(220)}`]: '4',
      'laid/%': '5',
    };
    for (const [file, text] of Object.entries(laid)) writeFileSync(path.join(bucket, file), text);
    writeFileSync(path.join(bucket, `lost%~${'0'.repeat(64)}`), 'lost');

    const again = await under.open('both');
    const report = await again.whenReconciled();
    expect(report).toMatchObject({ isDone: true, objects: 5, missingCount: 3, unknownCount: 6 });
    expect([...report.missingFiles].sort()).toEqual(['b/cut', 'b/deep/er/gone', 'b/gone']);
    expect(again.list({ bucket: 'b', maxKeys: 100 }).entries.map(({ key }) => key)).toEqual([
      'a',
      'a/b',
      long,
      `x/${long}/y`,
    ]);
    expect(under.lines.splice(0)).toEqual([
      expect.stringMatching(/^S3: 3 objects have no file and are not listed: "b\/.+$/),
      expect.stringMatching(
        /^S3: 6 files are no objects; "headgate s3 adopt BUCKET" makes them ones: "b\/.+$/,
      ),
    ]);

    expect(await again.adopt('b')).toEqual({ adopted: 6, bytes: 5 + 7 });
    expect(under.lines.splice(0)).toEqual([expect.stringMatching(/lost.*stays a file: its name is cut/)]);
    const expected = {
      'laid/in/by hand': '1',
      '100%.txt': '2',
      laid: '3',
      [`n${'n'.repeat(220)}`]: '4',
      'laid/': '5',
      cut: 'cutmore',
    };
    for (const [key, text] of Object.entries(expected))
      expect([key, await textOf(again, 'b', key)]).toEqual([key, text]);
    expect(again.head('b', 'laid')?.headers).toEqual({ 'content-type': 'binary/octet-stream' });
    expect(tree(bucket)).toContain('100%25.txt');
    expect(tree(bucket)).not.toContain('100%.txt');
    expect(await again.adopt('b')).toEqual({ adopted: 0, bytes: 0 });
    expect(readdirSync(under.path('both', 's3', '.headgate', 'staging'))).toEqual([]);
  });

  it('files whose names end in a percent sign are nobody else’s', async () => {
    const store = await under.open('percent');
    await store.makeBucket('b');
    for (const key of ['100', 'beside', 'beside/x', 'gone']) await putText(store, 'b', key, key);
    await store.remove('b', 'beside/x');
    const bucket = under.path('percent', 's3', 'b');
    for (const file of ['100%', '50%']) writeFileSync(path.join(bucket, file), `laid ${file}`);
    await putText(store, 'b', '100', 'anew');
    expect(readFileSync(path.join(bucket, '100%'), 'utf8')).toBe('laid 100%');
    await under.close(store);
    rmSync(path.join(bucket, 'gone'));

    const again = await under.open('percent');
    expect(await again.whenReconciled()).toMatchObject({ objects: 2, unknownCount: 2, missingCount: 1 });
    expect(await textOf(again, 'b', 'beside')).toBe('beside');
    await again.remove('b', '100');
    expect(tree(bucket)).toEqual(['100%', '50%', 'beside%']);
    expect(await again.adopt('b')).toEqual({ adopted: 2, bytes: 9 + 8 });
    expect(await textOf(again, 'b', '100%')).toBe('laid 100%');
    expect(await textOf(again, 'b', '50%')).toBe('laid 50%');
    expect(again.head('b', '100')).toBeUndefined();
    under.lines.splice(0);
  });

  it('a folder that is away for a while takes no entries with it', async () => {
    const store = await under.open('away');
    await store.makeBucket('b');
    const entry = await store.put({ bucket: 'b', key: 'k', body: [Buffer.from('x')], tags: { a: 'b' } });
    await putText(store, 'b', 'replaced', 'old');
    await under.close(store);
    const [folder, aside] = [under.path('away', 's3'), under.path('aside')];
    renameSync(folder, aside);
    const without = await under.open('away');
    expect(await without.whenReconciled()).toMatchObject({ objects: 0, missingCount: 2 });
    await putText(without, 'b', 'replaced', 'new');
    await under.close(without);
    rmSync(path.join(aside, 'b', 'replaced'));
    renameSync(path.join(folder, 'b', 'replaced'), path.join(aside, 'b', 'replaced'));
    rmSync(folder, { recursive: true });
    renameSync(aside, folder);
    const again = await under.open('away');
    expect(await again.whenReconciled()).toMatchObject({ objects: 2, missingCount: 0 });
    expect(again.head('b', 'k')).toEqual(entry);
    expect(await textOf(again, 'b', 'replaced')).toBe('new');
  });

  it('looks beside the requests', async () => {
    const store = await under.open('beside');
    await store.makeBucket('b');
    await Promise.all(
      Array.from({ length: 300 }, (_, index) => putText(store, 'b', `${index % 7}/${index}`, '')),
    );
    await under.close(store);
    under.lines.splice(0);
    const again = await under.open('beside');
    expect(again.reconciled).toMatchObject({ isDone: false, objects: 0 });
    const busy = Array.from({ length: 100 }, async (_, index) => {
      await again.remove('b', `${index % 7}/${index}`);
      await putText(again, 'b', `new/${index}`, '');
    });
    await Promise.all(busy);
    expect(await again.whenReconciled()).toMatchObject({ isDone: true, missingCount: 0, unknownCount: 0 });
    expect(under.lines).toEqual([]);
  });
});
