import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Scratch } from '../../e2e/headgate.ts';
import { isRemote } from '../server.ts';
import { AwsCommandLine, awsCommandLines, environment } from './programs.ts';
import { ServedProgram } from './served-program.ts';

const scratch = new Scratch();
const [commandLine] = await awsCommandLines();
const mebi = 1024 ** 2;
const size = 1024 * mebi;

/** The same bytes each time, no two pieces alike. */
function* pieces(): Generator<Buffer> {
  const piece = Buffer.alloc(256 * 1024, 'headgate ');
  for (let at = 0; at < size / piece.length; at++) {
    piece.writeUInt32LE(at, 100);
    yield Buffer.from(piece);
  }
}

async function md5(bytes: Iterable<Buffer> | AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash('md5');
  for await (const piece of bytes) hash.update(piece);
  return hash.digest('hex');
}

describe.skipIf(isRemote || !existsSync('/proc/self/clear_refs'))('a gibibyte', { timeout: 600_000 }, () => {
  let up: ServedProgram;
  let client: S3Client;
  let folder: string;
  let whole: string;

  beforeAll(async () => {
    folder = scratch.folder();
    up = await ServedProgram.start(folder);
    client = new S3Client({ ...up.client(), forcePathStyle: true });
    await client.send(new CreateBucketCommand({ Bucket: 'large' }));
    await client.send(new PutObjectCommand({ Bucket: 'large', Key: 'small', Body: 'x' }));
    whole = await md5(pieces());
  });

  afterAll(() => up?.stop());

  /** Its peak while something is done stays near what it had before. */
  async function bounded(what: string, action: () => Promise<unknown>): Promise<void> {
    up.forgetPeak();
    const idle = up.memory().now;
    const began = performance.now();
    await action();
    const { peak } = up.memory();
    const seconds = (performance.now() - began) / 1000;
    process.stdout.write(
      `${what}: ${idle.toFixed(0)} MiB idle, ${peak.toFixed(0)} MiB at most, ${seconds.toFixed(0)} s\n`,
    );
    expect(peak - idle).toBeLessThan(64);
  }

  it('is put at once', () =>
    bounded('put', async () => {
      const put = new PutObjectCommand({
        Bucket: 'large',
        Key: 'put',
        Body: Readable.from(pieces()),
        ContentLength: size,
      });
      expect((await client.send(put)).ETag).toBe(`"${whole}"`);
    }));

  it('is read at once', () =>
    bounded('get', async () => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: 'large', Key: 'put' }));
      expect(await md5(Body as Readable)).toBe(whole);
    }));

  it('is read slowly', () =>
    bounded('slow get', async () => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: 'large', Key: 'put' }));
      const body = Body as Readable;
      // The server has filled what lies between by then.
      await new Promise((resolve) => setTimeout(resolve, 2000));
      expect(await md5(body)).toBe(whole);
    }));

  it.skipIf(!commandLine.version)('is uploaded in parts by aws s3 cp', async () => {
    const file = path.join(folder, 'file');
    await pipeline(Readable.from(pieces()), createWriteStream(file));
    const aws = new AwsCommandLine(commandLine.program, up);
    await bounded('aws s3 cp up', () => aws.run('s3 cp --no-progress', file, 's3://large/parts'));
  });

  it.skipIf(!commandLine.version)('is read in ranges by aws s3 cp', async () => {
    const back = path.join(folder, 'back');
    const aws = new AwsCommandLine(commandLine.program, up);
    await bounded('aws s3 cp down', () => aws.run('s3 cp --no-progress s3://large/parts', back));
    expect(await md5(createReadStream(back))).toBe(whole);
  });

  it.skipIf(!commandLine.version)('is copied in parts by aws s3 cp', async () => {
    const aws = new AwsCommandLine(commandLine.program, up);
    await bounded('aws s3 cp over', () => aws.run('s3 cp --no-progress s3://large/parts s3://large/copy'));
  });

  it.skipIf(!commandLine.version)('is streamed to standard output by aws s3 cp', () =>
    bounded('aws s3 cp to -', async () => {
      const args = ['--endpoint-url', up.client().endpoint ?? '', 's3', 'cp', 's3://large/copy', '-'];
      const child = spawn(commandLine.program, args, {
        env: environment(up),
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      expect(await md5(child.stdout)).toBe(whole);
    }),
  );
});
