import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRemote, ServedAccount } from '../server.ts';
import { environment, pythons, shown } from './programs.ts';

const run = promisify(execFile);
const found = (await pythons()).map((client) => ({ ...client, name: shown(client) }));

let served: ServedAccount;

beforeAll(async () => {
  served = await ServedAccount.open();
});

afterAll(() => served.close());

describe.skipIf(isRemote).each(found)('$name', ({ program, version }) => {
  it.skipIf(!version)('puts, reads, copies and lists objects', { timeout: 240_000 }, async () => {
    const bucket = served.name('boto');
    const { port } = new URL(served.client().endpoint ?? '');
    const script = path.join(import.meta.dirname, 's3-flow.py');
    const { stdout } = await run(program, [script, port, bucket, served.accountId, ''], {
      env: environment(served),
    });
    const isOld = version?.includes(' 1.26.');
    expect(JSON.parse(stdout)).toEqual({
      ...everything(`${bucket}.localhost:${port}`),
      new: !isOld,
      presigned: 'virtual',
      'presigned put': 'from a URL',
      ...(!isOld && { tags: [{ Key: 'c', Value: '' }] }),
    });
  });
});

function everything(host: string) {
  return {
    same: true,
    file: true,
    digests: [true, true, true],
    wrong: 'BadDigest',
    absent: '404',
    large: true,
    etag: '4',
    copy: true,
    virtual: 'virtual',
    host: [host],
    sorted: true,
    prefixes: ['a/', 'in/'],
    deleted: true,
    gone: 'NoSuchBucket',
  };
}
