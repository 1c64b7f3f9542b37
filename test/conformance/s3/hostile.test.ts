import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { PutBucketPolicyCommand, PutPublicAccessBlockCommand } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AccessKey, createAccount } from '../../../src/iam/index.ts';
import { Sha256 } from '../../api-server.ts';
import { isRemote } from '../server.ts';
import { S3Account } from './s3-account.ts';

/** A request that is signed as `path` says, and sent as `sent` says where that is given. */
interface Asked {
  readonly method?: string;
  readonly path: string;
  readonly sent?: { readonly method?: string; readonly path?: string; readonly headers?: Headers };
  readonly headers?: Headers;
  readonly body?: string;
  readonly key?: AccessKey;
}
type Headers = Readonly<Record<string, string | readonly string[]>>;
interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly code: string | undefined;
}

let account: S3Account;
let Bucket: string;
let Other: string;
let owner: AccessKey;
let stranger: AccessKey;

beforeAll(async () => {
  if (isRemote) return;
  account = await S3Account.open();
  Bucket = await account.newBucket();
  Other = await account.newBucket();
  owner = account.served.client().credentials as AccessKey;
  const { resources, vault } = account.served.local;
  const accountId = '999999999999';
  stranger = await resources.write((draft) =>
    createAccount(draft, vault, { accountId, name: 'other', isHome: false, nowMs: Date.now() }),
  );
});

afterAll(() => account?.close());

const host = () => new URL(account.served.local.server.url).host;
const hash = (text: string) => createHash('sha256').update(text).digest('hex');

function signerOf(key: AccessKey): SignatureV4 {
  const { region } = account.served;
  return new SignatureV4({
    service: 's3',
    region,
    credentials: key,
    sha256: Sha256,
    uriEscapePath: false,
    applyChecksum: false,
  });
}

function partsOf(path: string) {
  const [pathname, search = ''] = path.split('?');
  const query = Object.fromEntries(new URLSearchParams(search));
  return { protocol: 'http:', hostname: '127.0.0.1', path: pathname, query };
}

async function ask({
  method = 'GET',
  path,
  sent,
  headers = {},
  body = '',
  key = owner,
}: Asked): Promise<Answer> {
  const all = { host: host(), 'x-amz-content-sha256': hash(body), ...headers } as Record<string, string>;
  const signed = await signerOf(key).sign({ method, ...partsOf(path), headers: all });
  return send({
    method: sent?.method ?? method,
    path: sent?.path ?? path,
    headers: { ...signed.headers, ...sent?.headers },
    body,
  });
}

async function presigned(
  method: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<string> {
  const all = { host: host(), 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', ...headers };
  const signed = await signerOf(owner).presign(
    { method, ...partsOf(path), headers: all },
    { expiresIn: 60, unhoistableHeaders: new Set(Object.keys(headers)) },
  );
  return `${signed.path}?${new URLSearchParams(signed.query as Record<string, string>)}`;
}

function send({ method = 'GET', path, headers, body = '' }: Asked): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(account.served.local.server.url);
    const options = { host: '127.0.0.1', port, method, path, headers: headers as never, agent: false };
    const request = httpRequest(options, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(pieces).toString();
        const code = /<Code>(\w+)<\/Code>/.exec(text)?.[1];
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text, code });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

const put = (path: string, body: string, more: Partial<Asked> = {}) =>
  ask({ method: 'PUT', path, body, ...more });

describe.skipIf(isRemote)('paths', () => {
  it.each([
    ['dots', '../../x', '../../x'],
    ['our folders', '.headgate/staging/x', '.headgate/staging/x'],
    ['another bucket', '../OTHER/x', '../OTHER/x'],
    ['an escaped percent', '%252e%252e/x', '%2e%2e/x'],
    ['backslashes', '..%5C..%5Cx', '..\\..\\x'],
  ])('of keys stay in their bucket: %s', async (_what, path, key) => {
    expect((await put(`/${Bucket}/${path}`, key)).status).toBe(200);
    expect(await account.text(Bucket, key)).toBe(key);
    expect((await ask({ path: `/${Other}?list-type=2` })).body).toContain('<KeyCount>0</KeyCount>');
  });

  it('are the same however they are escaped', async () => {
    const path = `/${Bucket}/..%2F../y`;
    const sent = { path: `/${Bucket}/%2e%2E%2f%2e./%79` };
    expect((await put(path, 'escaped', { sent })).status).toBe(200);
    expect(await account.text(Bucket, '../../y')).toBe('escaped');
  });

  it('are signed with their escapes', async () => {
    await put(`/${Bucket}/a/b`, 'slash');
    const asked = { path: `/${Bucket}/a/b`, sent: { path: `/${Bucket}/a%2Fb` } };
    expect((await ask(asked)).code).toBe('SignatureDoesNotMatch');
    expect((await ask({ path: `/${Bucket}//a/b`, sent: { path: `/${Bucket}/a/b` } })).status).toBe(403);
  });

  it('below a host that names a bucket are keys of that bucket', async () => {
    const { port } = new URL(account.served.local.server.url);
    const headers = { host: `${Bucket}.localhost:${port}` };
    expect((await put(`/${Other}/k`, 'in the first', { headers })).status).toBe(200);
    expect(await account.text(Bucket, `${Other}/k`)).toBe('in the first');
    expect((await ask({ path: `/${Other}/k` })).code).toBe('NoSuchKey');
    // The host is signed: nobody turns it to another bucket.
    const url = await presigned('GET', `/${Other}/k`, headers);
    expect((await send({ path: url, headers })).body).toBe('in the first');
    expect((await send({ path: url, headers: { host: `${Other}.localhost:${port}` } })).status).toBe(403);
    expect((await send({ path: url, headers: { host: host() } })).status).toBe(403);
  });

  it.each(['__proto__', 'constructor', 'toString', '..', '.headgate', 'a%2Fb', '%00'])(
    'of no bucket: %s',
    async (name) => {
      for (const path of [`/${name}/k`, `/${name}?list-type=2`]) {
        expect((await ask({ path })).status).toBe(404);
      }
    },
  );
});

describe.skipIf(isRemote)('presigned URLs are good for what was signed', () => {
  it('and for nothing else', async () => {
    await put(`/${Bucket}/p`, 'text');
    await put(`/${Bucket}/secret`, 'secret');
    const url = await presigned('GET', `/${Bucket}/p`);
    const headers = { host: host() };
    expect((await send({ path: url, headers })).body).toBe('text');
    for (const method of ['PUT', 'DELETE', 'POST', 'HEAD']) {
      expect([method, (await send({ method, path: url, headers })).status]).toEqual([method, 403]);
    }
    for (const more of [
      '&acl',
      '&versionId=null',
      '&response-content-type=text/html',
      '&x-amz-acl=private',
    ]) {
      expect([more, (await send({ path: url + more, headers })).status]).toEqual([more, 403]);
    }
    const write = await presigned('PUT', `/${Bucket}/written`);
    const smuggled: Headers[] = [
      { 'x-amz-copy-source': `/${Bucket}/secret` },
      { 'X-AMZ-Acl': 'public-read' },
      { 'x-amz-tagging': 'a=b' },
      { 'x-amz-meta-a': 'b' },
      { 'x-amz-storage-class': 'GLACIER' },
    ];
    for (const more of smuggled) {
      const { status, code } = await send({
        method: 'PUT',
        path: write,
        headers: { ...headers, ...more },
        body: 'x',
      });
      expect([more, status, code]).toEqual([more, 403, 'AccessDenied']);
    }
    expect((await ask({ path: `/${Bucket}/written` })).code).toBe('NoSuchKey');
  });
});

describe.skipIf(isRemote)('answers are not split', () => {
  it('by what was given in a query', async () => {
    const bad = encodeURIComponent('x\r\nset-cookie: a=b\r\n\r\n<script>');
    const headers = { host: host() };
    await put(`/${Bucket}/split`, 'text');
    const url = await presigned(
      'GET',
      `/${Bucket}/split?response-content-disposition=${bad}&response-content-type=${bad}`,
    );
    const got = await send({ path: url, headers });
    expect([got.status, got.body, got.headers['set-cookie']]).toEqual([200, 'text', undefined]);
    const write = await presigned('PUT', `/${Bucket}/split2?x-amz-meta-a=${bad}&x-amz-meta-__proto__=p`);
    expect((await send({ method: 'PUT', path: write, headers, body: 'x' })).status).toBe(200);
    const kept = await ask({ path: `/${Bucket}/split2` });
    expect(kept.headers['set-cookie']).toBeUndefined();
    expect(Object.keys(kept.headers)).toContain('x-amz-meta-__proto__');
  });

  it('by keys in errors', async () => {
    const { body } = await ask({ path: `/${Bucket}/%3Cscript%3E%0D%0A%01` });
    expect(body).toContain('<Key>&lt;script&gt;&#xD;\n\ufffd</Key>');
  });
});

describe.skipIf(isRemote)('documents', () => {
  const bomb = `<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><Delete><Object><Key>&b;</Key></Object></Delete>`;
  it.each([
    ['a DTD', bomb],
    ['an entity', '<Delete><Object><Key>&b;</Key></Object></Delete>'],
    ['deep', `<Delete>${'<a>'.repeat(100_000)}`],
    ['an external entity', '<!DOCTYPE d SYSTEM "file:///etc/passwd"><Delete/>'],
    ['two keys', '<Delete><Object><Key>a</Key><Key>b</Key></Object></Delete>'],
    ['1,001 keys', `<Delete>${'<Object><Key>k</Key></Object>'.repeat(1001)}</Delete>`],
    ['no UTF-8', '<?xml version="1.0" encoding="UTF-16"?><Delete/>'],
  ])('that are refused: %s', async (_what, body) => {
    const { status, code } = await ask({ method: 'POST', path: `/${Bucket}?delete`, body });
    expect([status, code]).toEqual([400, 'MalformedXML']);
  });
});

describe.skipIf(isRemote)('uploads and lists', () => {
  it('are known by bucket, key and id together', async () => {
    const begun = await ask({ method: 'POST', path: `/${Bucket}/mine?uploads` });
    const id = /<UploadId>(.*)<\/UploadId>/.exec(begun.body)?.[1] ?? '';
    for (const path of [`/${Bucket}/other`, `/${Other}/mine`, `/${Bucket}/mine%00${id}`]) {
      const part = await put(`${path}?partNumber=1&uploadId=${id}`, 'x');
      expect([path, part.code]).toEqual([path, 'NoSuchUpload']);
      const end = await ask({ method: 'DELETE', path: `${path}?uploadId=${id}` });
      expect([path, end.code]).toEqual([path, 'NoSuchUpload']);
    }
    for (const wrong of ['..', '%2e%2e%2f..', '__proto__', `${id}/..`, 'f'.repeat(32)]) {
      const part = await put(`/${Bucket}/mine?partNumber=1&uploadId=${wrong}`, 'x');
      expect([wrong, part.code]).toEqual([wrong, 'NoSuchUpload']);
    }
    expect((await ask({ method: 'DELETE', path: `/${Bucket}/mine?uploadId=${id}` })).status).toBe(204);
  });

  it('take no tokens but their own', async () => {
    await put(`/${Other}/1`, 'x');
    await put(`/${Other}/2`, 'x');
    const first = await ask({ path: `/${Other}?list-type=2&max-keys=1` });
    const token = /<NextContinuationToken>(.*)<\/NextContinuationToken>/.exec(first.body)?.[1] ?? '';
    expect(token).not.toBe('');
    const list = async (bucket: string, text: string) =>
      (await ask({ path: `/${bucket}?list-type=2&continuation-token=${encodeURIComponent(text)}` })).code;
    expect(await list(Other, token)).toBeUndefined();
    for (const forged of [`${token}x`, token.slice(1), '', 'MQ==']) {
      expect([forged, await list(Other, forged)]).toEqual([forged, 'InvalidArgument']);
    }
    expect(await list(Bucket, token)).toBe('InvalidArgument');
  });
});

describe.skipIf(isRemote)('policies', () => {
  const policy = (...statements: object[]) =>
    account.client.send(
      new PutBucketPolicyCommand({
        Bucket,
        Policy: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
      }),
    );
  const objects = () => `arn:aws:s3:::${Bucket}/*`;
  const status = async (path: string, key?: AccessKey) => (await ask({ path, ...(key && { key }) })).status;

  it('that are public let nobody of other accounts in where that is restricted', async () => {
    await put(`/${Bucket}/q`, 'text');
    await account.client.send(
      new PutPublicAccessBlockCommand({
        Bucket,
        PublicAccessBlockConfiguration: { RestrictPublicBuckets: false, BlockPublicPolicy: false },
      }),
    );
    await policy({ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: objects() });
    expect(await status(`/${Bucket}/q`, stranger)).toBe(200);
    expect(await status(`/${Bucket}/none`, stranger)).toBe(403);
    expect(await status(`/${Bucket}?policy`, stranger)).toBe(403);
    await account.client.send(
      new PutPublicAccessBlockCommand({
        Bucket,
        PublicAccessBlockConfiguration: { RestrictPublicBuckets: true },
      }),
    );
    expect(await status(`/${Bucket}/q`, stranger)).toBe(403);
    expect(await status(`/${Bucket}/q`)).toBe(200);
  });

  it('with conditions on the address and the prefix', async () => {
    const listed = (prefix: string, key?: AccessKey) => status(`/${Bucket}?list-type=2${prefix}`, key);
    await policy({
      Effect: 'Allow',
      Principal: { AWS: '999999999999' },
      Action: 's3:ListBucket',
      Resource: `arn:aws:s3:::${Bucket}`,
      Condition: { StringLike: { 's3:prefix': 'open/*' }, IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } },
    });
    expect(await listed('&prefix=open/', stranger)).toBe(200);
    expect(await listed('&prefix=open/&prefix=closed/', stranger)).not.toBe(200);
    expect(await listed('', stranger)).toBe(403);
    expect(await listed('&prefix=', stranger)).toBe(403);
    expect(await listed('&Prefix=open/', stranger)).toBe(403);
    const forwarded = { 'x-forwarded-for': '127.0.0.1' };
    await policy({
      Effect: 'Allow',
      Principal: { AWS: '999999999999' },
      Action: 's3:ListBucket',
      Resource: `arn:aws:s3:::${Bucket}`,
      Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
    });
    expect((await ask({ path: `/${Bucket}?list-type=2`, key: stranger, headers: forwarded })).status).toBe(
      403,
    );
  });

  it('NotPrincipal denies all but those', async () => {
    const { Arn } = await new STSClient(account.served.client()).send(new GetCallerIdentityCommand({}));
    await policy(
      { Effect: 'Allow', Principal: { AWS: '999999999999' }, Action: 's3:GetObject', Resource: objects() },
      {
        Effect: 'Deny',
        NotPrincipal: { AWS: [account.served.accountId, Arn] },
        Action: 's3:GetObject',
        Resource: objects(),
      },
    );
    expect(await status(`/${Bucket}/q`)).toBe(200);
    expect(await status(`/${Bucket}/q`, stranger)).toBe(403);
  });

  it('copies need the source’s leave', async () => {
    await policy({
      Effect: 'Allow',
      Principal: { AWS: '999999999999' },
      Action: 's3:PutObject',
      Resource: objects(),
    });
    const from = (source: string) =>
      put(`/${Bucket}/copied`, '', { key: stranger, headers: { 'x-amz-copy-source': source } });
    for (const source of [`/${Bucket}/q`, `${Bucket}/q`, `/${Bucket}%2Fq`, `/${Bucket}/q?versionId=null`]) {
      expect([source, (await from(source)).code]).toEqual([source, 'AccessDenied']);
    }
    expect((await from(`/${Bucket}/../${Other}/1`)).code).toBe('AccessDenied');
  });
});

describe.skipIf(isRemote)('names of buckets', () => {
  it('that are given up twice and taken by somebody else at the same time stay that one’s', async () => {
    const path = `/${account.served.name('given-up')}`;
    for (let round = 0; round < 5; round += 1) {
      await put(path, '');
      const remove = async (_: unknown, turn: number) => {
        await setTimeout(2 * turn);
        return ask({ method: 'DELETE', path });
      };
      const take = async (): Promise<void> => {
        const { status } = await put(path, '', { key: stranger });
        if (status !== 200) await take();
      };
      await Promise.all([...Array.from({ length: 12 }, remove), take(), take(), take(), take()]);
      expect([round, (await put(`${path}/k`, 'x', { key: stranger })).status]).toEqual([round, 200]);
      for (const name of [`${path}/k`, path]) await ask({ method: 'DELETE', path: name, key: stranger });
    }
  });
});

describe.skipIf(isRemote)('nobody leaves anything behind', () => {
  const descriptors = () => readdirSync('/proc/self/fd').length;
  const settled = async (before: number) =>
    expect.poll(descriptors, { timeout: 5000 }).toBeLessThanOrEqual(before);

  it('who goes in the middle of a download, or of an upload', async () => {
    await put(`/${Bucket}/large`, 'x'.repeat(2 ** 22));
    await ask({ path: `/${Bucket}/q` });
    const before = descriptors();
    const { hostname, port } = new URL(account.served.local.server.url);
    const signed = async (method: string, path: string) =>
      (
        await signerOf(owner).sign({
          method,
          ...partsOf(path),
          headers: { host: host(), 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
        })
      ).headers;
    const get = await signed('GET', `/${Bucket}/large`);
    const write = await signed('PUT', `/${Bucket}/aborted`);
    const leave = (method: string, path: string, headers: Headers, first?: string) =>
      new Promise<void>((resolve) => {
        const socket = connect(Number(port), hostname, () => {
          const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
          const length = first === undefined ? '' : 'content-length: 1000000\r\n';
          socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('')}${length}\r\n${first ?? ''}`);
          if (first === undefined) socket.once('data', () => socket.destroy());
          else void setTimeout(50).then(() => socket.destroy());
        });
        socket.on('close', () => resolve()).on('error', () => undefined);
      });
    await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        index % 2 === 0
          ? leave('GET', `/${Bucket}/large`, get)
          : leave('PUT', `/${Bucket}/aborted`, write, 'some bytes'),
      ),
    );
    await settled(before);
    expect((await ask({ path: `/${Bucket}/aborted` })).code).toBe('NoSuchKey');
  });
});
