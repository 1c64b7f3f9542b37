import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

/** Who may import whom, beside `fault`: rooms, or single files of a room. A room that is absent here imports nothing. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  packet: ['ip'],
  capture: ['packet', 'ip'],
  vpc: ['resource', 'ip'],
  policy: ['vpc', 'packet', 'ip'],
  flow: ['policy', 'vpc', 'packet', 'ip'],
  record: ['flow', 'vpc', 'policy/answer.ts', 'ip'],
  flowlog: ['resource', 'record', 'flow', 'vpc', 'ip'],
  objects: ['wire/aws-checksums.ts', 'disk', 'resource'],
  stream: ['objects', 'iam/service-access.ts', 'disk', 'resource'],
  spool: ['disk', 'flow', 'flowlog', 'vpc'],
  delivery: [
    'spool',
    'objects',
    'stream',
    'iam/service-access.ts',
    'disk',
    'flowlog',
    'record',
    'flow',
    'logs',
    'resource',
    'vpc',
    'ip',
  ],
  query: ['record/fields.ts', 'record/log-format.ts', 'ip'],
  store: ['disk', 'record', 'query/scan.ts', 'ip'],
  logs: ['store', 'resource/place.ts', 'record', 'query', 'ip'],
  resource: ['store'],
  iam: ['resource', 'ip'],
  wire: [],
  api: [
    'objects',
    'stream',
    'wire',
    'iam',
    'resource',
    'flowlog',
    'delivery',
    'logs',
    'store',
    'record',
    'query',
    'vpc',
    'ip',
  ],
  server: ['api', 'wire', 'iam', 'resource', 'ip'],
  command: [
    'api',
    'capture',
    'config',
    'delivery',
    'flow',
    'flowlog',
    'iam',
    'ip',
    'logs',
    'objects',
    'packet',
    'policy',
    'query',
    'record',
    'report',
    'resource',
    'server',
    'spool',
    'store',
    'stream',
    'vpc',
    'wire',
  ],
};
/** The rooms that may import a package; for the others it does not exist. */
const packageRooms: Readonly<Record<string, readonly string[]>> = {
  koffi: ['capture'],
  '@duckdb/node-api': ['store'],
  re2js: ['query'],
  lmdb: ['objects'],
  // Clients for destinations outside, loaded when there is one.
  '@aws-sdk/client-cloudwatch-logs': ['delivery'],
  '@aws-sdk/client-firehose': ['delivery'],
  '@aws-sdk/client-s3': ['delivery'],
};
/** Rooms that also run in a browser: nothing of Node. */
const neutralRooms: readonly string[] = ['ip', 'query'];
/** Tables that a script writes: as long as what they are made of. */
const generated = path.join('wire', 'models', path.sep);
/** Packages of which only types are known, but where they may be imported. */
const typesOnly = /^@aws-sdk\//;

const root = path.resolve(import.meta.dirname, '../src');
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  .map((file) => ({
    name: file,
    room: file.split(path.sep)[0],
    text: readFileSync(path.join(root, file), 'utf8'),
  }));

/** `import … from '…'`, `export … from '…'`, `import '…'` and `import('…')`. */
function importsOf(text: string): { from: string; isType: boolean }[] {
  const found = text.matchAll(
    /^(?:import|export)\s+(type\s)?[^;'"]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\(\s*'([^']+)'/gm,
  );
  return [...found].map(([, type, from, plain, dynamic]) => ({
    from: from ?? plain ?? dynamic,
    isType: type !== undefined,
  }));
}

/** What is wrong with an import, if anything is. */
function faultOf(file: (typeof files)[number], from: string, isType: boolean): string | undefined {
  if (from.startsWith('node:')) {
    return neutralRooms.includes(file.room) ? `${file.name} imports ${from}` : undefined;
  }
  if (!from.startsWith('.')) {
    if (packageRooms[from]?.includes(file.room)) return undefined;
    if (!typesOnly.test(from)) return `${file.name} imports the package ${from}`;
    return isType ? undefined : `${file.name} imports more than types of ${from}`;
  }
  const target = path.relative(root, path.resolve(root, path.dirname(file.name), from));
  const room = target.split(path.sep)[0];
  const allowed = [file.room, 'fault', ...(mayImport[file.room] ?? [])];
  return allowed.includes(room) || allowed.includes(target) ? undefined : `${file.name} imports ${target}`;
}

/** Names of the files whose text has it, with the first line that does. */
const filesWith = (pattern: RegExp, exceptRoom?: string) =>
  files
    .filter(({ room, text }) => room !== exceptRoom && pattern.test(text))
    .map(({ name, text }) => `${name}: ${pattern.exec(text)?.[0]}`);

describe('architecture', () => {
  it('is looked at as a whole', () => {
    expect(files.length).toBeGreaterThan(100);
    expect(files.flatMap(({ text }) => importsOf(text)).length).toBeGreaterThan(300);
  });

  it('rooms import only whom they may', () => {
    const faults = files.flatMap((file) =>
      importsOf(file.text).flatMap(({ from, isType }) => faultOf(file, from, isType) ?? []),
    );
    expect(faults).toEqual([]);
  });

  it('every room says in its index what it is, and has no logic there', () => {
    const rooms = new Set(files.map(({ room }) => room));
    rooms.delete('command');
    for (const room of rooms) {
      const index = files.find(({ name }) => name === path.join(room, 'index.ts'));
      expect(index?.text, `${room}/index.ts`).toMatch(
        /^\/\*\*[\s\S]+?\*\/\n+(?:export (?:\*|type \{|\{)[\s\S]*?;\n)+$/,
      );
    }
  });

  it('files are short, without default exports, machine paths or errors of no family', () => {
    const written = files.filter(({ name }) => !name.startsWith(generated));
    expect(written.filter(({ text }) => text.split('\n').length > 500).map(({ name }) => name)).toEqual([]);
    expect(filesWith(/^export default\b.*/m)).toEqual([]);
    expect(filesWith(/['"`](?:\/home\/|\/root\/|\/work\/|\/Users\/|[A-Z]:\\)[^'"`]*/)).toEqual([]);
    expect(filesWith(/throw new Error\((?!['"`]bug:).*/, 'fault')).toEqual([]);
  });

  it('rooms never write to the console', () => {
    expect(filesWith(/\bconsole\.\w+\(.*/)).toEqual([]);
  });
});
