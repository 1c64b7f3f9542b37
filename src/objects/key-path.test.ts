import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { besideName, keyOfPath, keyPath } from './key-path.ts';

const long = (character: string, times: number) => character.repeat(times);

describe('keyPath', () => {
  it.each<[what: string, key: string, path: string]>([
    ['plain', 'AWSLogs/123456789012/a.log.gz', 'AWSLogs/123456789012/a.log.gz'],
    ['spaces, quotes and unicode', 'ä b/"\'\\/日本語', 'ä b/"\'\\/日本語'],
    ['folder marker', 'photos/', 'photos/%'],
    ['leading slash', '/a', '%/a'],
    ['only a slash', '/', '%/%'],
    ['double slash', 'a//b', 'a/%/b'],
    ['this folder', './a/.', '%2E/a/%2E'],
    ['parent folder', '../../etc/passwd', '%2E%2E/%2E%2E/etc/passwd'],
    ['dots that mean nothing', '.../.a/a.', '.../.a/a.'],
    ['percent', '100%/%2E', '100%25/%252E'],
    ['control bytes', 'a\0b\n\x7f', 'a%00b%0A%7F'],
    ['200 bytes', long('x', 200), long('x', 200)],
  ])('%s', (_what, key, expected) => {
    expect(keyPath(key).join('/')).toBe(expected);
    expect(keyOfPath(keyPath(key))).toBe(key);
  });

  it('cuts long segments, and those that are long once escaped', () => {
    const names = [keyPath(long('x', 201)), keyPath(long('ä', 101)), keyPath(long('\n', 67))].flat();
    expect(names.map((name) => name.replace(/[0-9a-f]{64}$/, 'hash'))).toEqual([
      `${long('x', 100)}%~hash`,
      `${long('ä', 50)}%~hash`,
      `${long('%0A', 33)}%~hash`,
    ]);
    expect(names.map((name) => keyOfPath([name]))).toEqual([undefined, undefined, undefined]);
  });

  it.each(['a%', '%', '%%'])('the file %j that lies beside a folder is still its key', (name) => {
    const key = name === 'a%' ? 'a' : '';
    expect(keyOfPath(['x', name])).toBe(`x/${key}`);
  });

  it.each(['100%.txt', '%2e', '%41', '%~', `a%~${long('0', 64)}`, '%2E%2', long('x', 201)])(
    'the name %j is no key',
    (name) => {
      expect(keyOfPath([name])).toBeUndefined();
    },
  );

  it('keeps every key apart from every other, also beside folders, in names that a file may have', () => {
    const piece = fc.constantFrom(
      '',
      '.',
      '..',
      '%',
      '%%',
      '%2E',
      '/',
      '//',
      'a',
      '\0',
      '\n',
      'ä',
      '~',
      long('y', 199),
    );
    const someKeys = fc.uniqueArray(
      fc.array(piece, { maxLength: 5 }).map((all) => all.join('')),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(someKeys, (keys) => {
        const paths = keys.map((key) => keyPath(key));
        for (const name of paths.flat()) {
          expect(Buffer.byteLength(besideName(name))).toBeLessThan(256);
          expect(name).not.toMatch(/^\.{0,2}$|[/\0]/);
        }
        const files = paths.flatMap((names) => {
          const last = besideName(names[names.length - 1]);
          return [names.join('/'), [...names.slice(0, -1), last].join('/')];
        });
        expect(new Set(files).size).toBe(files.length);
        // No folder is a file that lies beside one.
        const besides = new Set(files.filter((_file, index) => index % 2 === 1));
        const folders = paths.flatMap((names) =>
          names.slice(1).map((_name, index) => names.slice(0, index + 1).join('/')),
        );
        expect(folders.filter((folder) => besides.has(folder))).toEqual([]);
      }),
    );
  });
});
