import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Store } from '../store/index.ts';
import { kind } from './kind.ts';
import { type ResourceChange, Resources } from './resources.ts';

const here = { accountId: '123456789012', region: 'us-east-1' };
const there = { accountId: '123456789012', region: 'eu-west-1' };
const things = kind<{ name: string }>('thing');
const others = kind<{ name: string }>('other');

let directory: string;
let store: Store;
let resources: Resources;
beforeEach(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'headgate-resources-'));
  await open();
});
afterEach(async () => {
  await store.close();
  rmSync(directory, { recursive: true, force: true });
});

async function open(): Promise<void> {
  store = await Store.open({ directory, macros: [], threads: 1 });
  resources = await Resources.open(store);
}

const names = (place = here): string[] => Array.from(resources.list(things, place), ({ name }) => name);

describe('resources', () => {
  it('are seen when they are durable, by place, in the order in which they were made', async () => {
    const written = resources.write((draft) => {
      draft.put(things, here, 'b', { name: 'first' });
      draft.put(things, here, 'a/with/slashes', { name: 'second' });
      draft.put(things, there, 'b', { name: 'elsewhere' });
    });
    expect(names()).toEqual([]);
    await written;
    expect(names()).toEqual(['first', 'second']);
    expect(names(there)).toEqual(['elsewhere']);
    expect([...resources.places(things)]).toEqual([here, there]);
    await store.close();
    await open();
    expect(names()).toEqual(['first', 'second']);
    expect(resources.get(things, here, 'a/with/slashes')).toEqual({ name: 'second' });
    expect([...resources.entries(things, there)]).toEqual([['b', { name: 'elsewhere' }]]);
  });

  it('stay as they were when a change throws', async () => {
    await resources.write((draft) => draft.put(things, here, 'a', { name: 'kept' }));
    const failed = resources.write((draft) => {
      draft.put(things, here, 'b', { name: 'never' });
      draft.remove(things, here, 'a');
      throw new Error('bug: on purpose');
    });
    await expect(failed).rejects.toThrow('on purpose');
    expect(names()).toEqual(['kept']);
    await resources.write((draft) => draft.put(things, here, 'c', { name: 'later' }));
    expect(names()).toEqual(['kept', 'later']);
  });

  it('are changed one change after the other, each on what the one before has left', async () => {
    await resources.write((draft) => draft.put(things, here, 'count', { name: '0' }));
    const add = () =>
      resources.write((draft) => {
        const { name } = draft.get(things, here, 'count')!;
        draft.put(things, here, 'count', { name: String(Number(name) + 1) });
      });
    await Promise.all(Array.from({ length: 20 }, add));
    expect(names()).toEqual(['20']);
  });

  it('are told to listeners after the commit, what was made and removed again left out', async () => {
    const told: (readonly ResourceChange[])[] = [];
    resources.onChange(async (changes) => {
      told.push(changes);
    });
    await resources.write((draft) => draft.put(things, here, 'a', { name: 'before' }));
    await resources.write((draft) => {
      draft.put(others, here, 'x', { name: 'short' });
      draft.remove(others, here, 'x');
      draft.put(things, here, 'a', { name: 'after' });
    });
    await resources.write(() => 'nothing');
    expect(told).toEqual([
      [{ kind: 'thing', place: here, id: 'a', before: undefined, after: { name: 'before' } }],
      [{ kind: 'thing', place: here, id: 'a', before: { name: 'before' }, after: { name: 'after' } }],
    ]);
  });

  it('of a draft are what it has written over what there was', async () => {
    await resources.write((draft) => {
      draft.put(things, here, 'a', { name: 'a' });
      draft.put(things, here, 'b', { name: 'b' });
    });
    const seen = await resources.write((draft) => {
      draft.remove(things, here, 'a');
      draft.put(things, here, 'b', { name: 'B' });
      draft.put(things, there, 'c', { name: 'c' });
      return {
        here: [...draft.entries(things, here)],
        there: [...draft.list(things, there)],
        gone: draft.get(things, here, 'a'),
        places: [...draft.places(things)],
      };
    });
    expect(seen).toEqual({
      here: [['b', { name: 'B' }]],
      there: [{ name: 'c' }],
      gone: undefined,
      places: [here, there],
    });
  });

  it('of a later release are refused', async () => {
    await store.commit({ documents: [{ put: 'schema', key: 'resources', value: 99 }] });
    await expect(Resources.open(store)).rejects.toMatchObject({ code: 'StoreTooNew' });
  });
});
