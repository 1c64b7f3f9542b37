import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePrivate } from './private-folder.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'headgate-private-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A folder that is there, with a file in it. */
function folder(mode: number, file?: string): string {
  const made = mkdtempSync(path.join(root, 'f'));
  if (file !== undefined) writeFileSync(path.join(made, file), '');
  chmodSync(made, mode);
  return made;
}

const modeOf = (directory: string): number => statSync(directory).mode & 0o777;

describe('the data folder', () => {
  it.each<[name: string, directory: () => string]>([
    ['that is new', () => path.join(root, 'new', 'folder')],
    ['that is empty', () => folder(0o755)],
    ['that is one already', () => folder(0o755, 'identity.json')],
    ['that is private, whatever it holds', () => folder(0o700, 'notes')],
  ])('%s is its owner’s alone', (_, make) => {
    const directory = make();
    makePrivate(directory);
    expect(modeOf(directory)).toBe(0o700);
  });

  it('is not one that others use for something else', () => {
    const directory = folder(0o755, 'notes');
    expect(() => makePrivate(directory)).toThrow(/others may open it, and it holds other things/);
    expect(modeOf(directory)).toBe(0o755);
  });

  it('is a folder', () => {
    mkdirSync(path.join(root, 'x'));
    writeFileSync(path.join(root, 'x', 'file'), '');
    expect(() => makePrivate(path.join(root, 'x', 'file'))).toThrow(/EEXIST/);
  });

  it.runIf(process.platform === 'linux')('is none where none can be made', () => {
    expect(() => makePrivate('/proc/headgate-data')).toThrow(/ENOENT/);
  });
});
