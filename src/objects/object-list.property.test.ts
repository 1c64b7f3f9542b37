import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ObjectsUnderTest, putText, textOf } from '../../test/open-objects.ts';
import { runs } from '../../test/runs.ts';
import type { ObjectStore } from './object-store.ts';
import type { ListRequest } from './shapes.ts';

const under = new ObjectsUnderTest();

const piece = fc.constantFrom(
  'a',
  'b',
  'ab',
  '/',
  '//',
  '-',
  'ä',
  '\u{1f600}',
  '\uffee',
  '\x01',
  '\0',
  '.',
  '..',
  '%',
  ' ',
);
const keyOf = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(''));
const change = fc.record({ key: keyOf, isRemoval: fc.boolean() });
const request = fc.record(
  {
    prefix: fc.array(piece, { maxLength: 2 }).map((pieces) => pieces.join('')),
    delimiter: fc.constantFrom('/', '//', '-', 'a', 'ab', 'ä', '\0', '/-', ''),
    after: keyOf,
    maxKeys: fc.constantFrom(0, 1, 2, 3, 7, 1000),
  },
  { requiredKeys: ['maxKeys'] },
);

const inBytes = (one: string, other: string) => Buffer.from(one).compare(Buffer.from(other));

/** The slow and obvious way. */
function listed(
  keys: readonly string[],
  { prefix = '', delimiter, after, maxKeys }: Omit<ListRequest, 'bucket'>,
) {
  const names = keys
    .filter((key) => key.startsWith(prefix))
    .map((key) => {
      const cut = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
      return cut === -1 ? key : `prefix ${key.slice(0, cut + delimiter!.length)}`;
    });
  const nameOf = (name: string) => name.replace(/^prefix /, '');
  const all = [...new Set(names)]
    .sort((one, other) => inBytes(nameOf(one), nameOf(other)))
    .filter((name) => after === undefined || inBytes(nameOf(name), after) > 0);
  const page = all.slice(0, maxKeys);
  return {
    keys: page.filter((name) => !name.startsWith('prefix ')),
    commonPrefixes: page.filter((name) => name.startsWith('prefix ')).map(nameOf),
    ...(maxKeys > 0 && all.length > maxKeys && { next: nameOf(page[page.length - 1]) }),
  };
}

function shown(store: ObjectStore, asked: Omit<ListRequest, 'bucket'>) {
  const { entries, ...page } = store.list({ bucket: 'b', ...asked });
  return { keys: entries.map(({ key }) => key), ...page };
}

describe('list', () => {
  it('is the page of a sorted array, whatever keys come and go', async () => {
    const store = await under.open();
    await store.makeBucket('a');
    await store.makeBucket('b');
    await store.makeBucket('b0');
    await putText(store, 'a', 'z', '');
    await putText(store, 'b0', 'a', '');
    const kept = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { maxLength: 25 }),
        fc.array(request, { minLength: 20 }),
        async (changes, asked) => {
          for (const { key, isRemoval } of changes) {
            if (isRemoval) expect(await store.remove('b', key)).toBe(kept.delete(key));
            else await putText(store, 'b', key, `of ${key}`);
            if (!isRemoval) kept.add(key);
          }
          for (const one of asked) expect(shown(store, one)).toEqual(listed([...kept], one));
          for (const key of kept) expect(await textOf(store, 'b', key)).toBe(`of ${key}`);
          // Pages one after the other give all.
          const [{ prefix, delimiter }] = asked;
          const options = { ...(prefix && { prefix }), ...(delimiter && { delimiter }) };
          const whole = shown(store, { ...options, maxKeys: 1000 });
          const names: string[] = [];
          for (let page = shown(store, { ...options, maxKeys: 3 }); ; ) {
            names.push(...page.keys, ...page.commonPrefixes);
            if (page.next === undefined) break;
            page = shown(store, { ...options, maxKeys: 3, after: page.next });
          }
          expect(names.sort()).toEqual([...whole.keys, ...whole.commonPrefixes].sort());
        },
      ),
      { numRuns: runs(15, 500) },
    );
    for (const key of [...kept]) await store.remove('b', key);
    expect(readdirSync(under.path('store-1', 's3', 'b'))).toEqual([]);
  });
});
