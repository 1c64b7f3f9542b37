import { execFile, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { lookup } from 'node:dns';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import path from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Scratch } from '../../e2e/headgate.ts';
import { isRemote } from '../server.ts';
import { AwsCommandLine, awsCommandLines, environment, pythons, shown } from './programs.ts';
import { ServedProgram } from './served-program.ts';

const run = promisify(execFile);
const named = (client: Awaited<ReturnType<typeof pythons>>[number]) => ({ ...client, name: shown(client) });
const scratch = new Scratch();
const commandLines = (await awsCommandLines()).map(named);
const foundPythons = (await pythons()).map(named);
/** Node takes no wildcard for the names directly below one of a single part. */
const bucket = 'of-javascript';
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');

/** Trailers after a body without a signature are sent over TLS alone. */
describe.skipIf(isRemote || !hasOpenssl)('TLS (needs openssl)', { timeout: 240_000 }, () => {
  let up: ServedProgram;
  let certificate: string;
  let folder: string;

  beforeAll(async () => {
    folder = scratch.folder();
    const key = path.join(folder, 'key.pem');
    certificate = path.join(folder, 'certificate.pem');
    await run('openssl', [
      ...'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=localhost'.split(
        ' ',
      ),
      '-addext',
      `subjectAltName=DNS:localhost,DNS:*.localhost,DNS:${bucket}.localhost,IP:127.0.0.1`,
      '-keyout',
      key,
      '-out',
      certificate,
    ]);
    up = await ServedProgram.start(folder, '--tls-cert', certificate, '--tls-key', key);
  });

  afterAll(() => up?.stop());

  describe('the SDK for JavaScript', () => {
    const large = randomBytes(12 * 1024 ** 2 + 5);

    /** One for which all names below localhost are here. */
    function client(more: S3ClientConfig = {}): S3Client {
      const here: typeof lookup = ((_: string, options: object, found: never) =>
        lookup('127.0.0.1', options, found)) as never;
      const httpsAgent = new Agent({ ca: readFileSync(certificate), lookup: here });
      const endpoint = `https://localhost:${up.port}`;
      return new S3Client({
        ...up.client(),
        endpoint,
        requestHandler: { httpsAgent },
        ...more,
      } as S3ClientConfig);
    }

    it('has the bucket in the name of the host', async () => {
      const s3 = client();
      const hosts = new Set<string>();
      s3.middlewareStack.add(
        (next) => (args) => {
          hosts.add((args.request as { hostname: string }).hostname);
          return next(args);
        },
        { step: 'finalizeRequest', priority: 'low' },
      );
      await s3.send(new CreateBucketCommand({ Bucket: bucket }));
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'a/b c', Body: 'of a name' }));
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: 'a/b c' }));
      expect(await Body?.transformToString()).toBe('of a name');
      const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
      expect(Contents).toMatchObject([{ Key: 'a/b c' }]);
      expect([...hosts]).toEqual([`${bucket}.localhost`]);
    });

    it.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)(
      'lib-storage uploads a stream in parts with %s',
      async (ChecksumAlgorithm) => {
        const s3 = client();
        const target = { Bucket: bucket, Key: ChecksumAlgorithm };
        const pieces = Array.from({ length: 100 }, (_, at) =>
          large.subarray(Math.floor((at * large.length) / 100), Math.floor(((at + 1) * large.length) / 100)),
        );
        const params = { ...target, Body: Readable.from(pieces), ChecksumAlgorithm };
        const made = await new Upload({ client: s3, params, partSize: 5 * 1024 ** 2, queueSize: 3 }).done();
        expect(made.ETag).toMatch(/^"[0-9a-f]{32}-3"$/);
        const head = await s3.send(new HeadObjectCommand({ ...target, ChecksumMode: 'ENABLED' }));
        expect(head).toMatchObject({
          ContentLength: large.length,
          [`Checksum${ChecksumAlgorithm}`]: expect.any(String),
        });
        const { Body } = await s3.send(new GetObjectCommand({ ...target, ChecksumMode: 'ENABLED' }));
        expect(md5((await Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(md5(large));
      },
    );

    it('puts a stream of known length, with its checksum behind it', async () => {
      const s3 = client({ forcePathStyle: true });
      const Body = Readable.from([large]);
      const put = { Bucket: bucket, Key: 'stream', Body, ContentLength: large.length };
      expect((await s3.send(new PutObjectCommand(put))).ETag).toBe(`"${md5(large)}"`);
    });
  });

  it.each(foundPythons)('$name', async ({ program, version, name }) => {
    if (!version) return;
    const { stdout } = await run(
      program,
      [
        path.join(import.meta.dirname, 's3-flow.py'),
        up.port,
        version.includes(' 1.26.') ? 'of-an-old-boto' : 'of-boto',
        '123456789012',
        certificate,
      ],
      { env: environment(up) },
    );
    const { trailer, ...seen } = JSON.parse(stdout);
    expect(trailer, name).toBe(version.includes(' 1.26.') ? 'x-amz-checksum-sha256' : 'x-amz-checksum-crc32');
    expect(seen).toMatchObject({
      same: true,
      file: true,
      digests: [true, true, true],
      wrong: 'BadDigest',
      large: true,
      copy: true,
      virtual: 'virtual',
      deleted: true,
    });
  });

  it.each(commandLines)('$name', async ({ program, version }) => {
    if (!version) return;
    const aws = new AwsCommandLine(program, up, { AWS_CA_BUNDLE: certificate });
    const bucket = version.includes('/2.') ? 'of-debian' : 'of-the-command-line';
    const body = randomBytes(9 * 1024 ** 2);
    await aws.run('s3 mb', `s3://${bucket}`);
    await aws.pipe(body, 's3 cp -', `s3://${bucket}/piped`);
    expect(md5(await aws.pipe(Buffer.alloc(0), 's3 cp', `s3://${bucket}/piped`, '-'))).toBe(md5(body));
    await aws.run('s3 rb --force', `s3://${bucket}`);
  });
});
