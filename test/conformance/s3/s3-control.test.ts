import { createHash } from 'node:crypto';
import { PutBucketPolicyCommand, PutPublicAccessBlockCommand } from '@aws-sdk/client-s3';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Sha256 } from '../../api-server.ts';
import { isRemote, refusal } from '../server.ts';
import { S3Account } from './s3-account.ts';

let account: S3Account;
let Bucket: string;

beforeAll(async () => {
  account = await S3Account.open();
  Bucket = await account.newBucket();
});

afterAll(() => account.close());

interface Asked {
  readonly query?: Record<string, string | string[]>;
  readonly body?: string;
  readonly accountId?: string;
}

/** A request of S3 Control, written and signed by hand. */
async function ask(method: string, path: string, { query = {}, body = '', accountId }: Asked = {}) {
  const { region, credentials } = account.served.client();
  const { url } = account.served.local.server;
  const { host, hostname } = new URL(url);
  const signer = new SignatureV4({
    service: 's3',
    region,
    credentials: credentials ?? { accessKeyId: '', secretAccessKey: '' },
    sha256: Sha256,
    uriEscapePath: false,
  });
  const headers = {
    host,
    'x-amz-account-id': accountId ?? account.served.accountId,
    'x-amz-content-sha256': createHash('sha256').update(body).digest('hex'),
  };
  const signed = await signer.sign({ method, protocol: 'http:', hostname, path, query, headers, body });
  const search = Object.entries(query).flatMap(([name, values]) =>
    [values].flat().map((value) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`),
  );
  const answer = await fetch(`${url}${path}${search.length > 0 ? `?${search.join('&')}` : ''}`, {
    method,
    headers: signed.headers,
    ...(body !== '' && { body }),
  });
  return { status: answer.status, text: await answer.text() };
}

const tagsPath = (name: string) => `/v20180820/tags/${encodeURIComponent(`arn:aws:s3:::${name}`)}`;
const settingsPath = '/v20180820/configuration/publicAccessBlock';
const xmlns = 'xmlns="http://awss3control.amazonaws.com/doc/2018-08-20/"';
const tag = (Key: string, Value: string) => `<Tag><Key>${Key}</Key><Value>${Value}</Value></Tag>`;
const tagging = (...tags: string[]) =>
  `<TagResourceRequest ${xmlns}><Tags>${tags.join('')}</Tags></TagResourceRequest>`;

describe.skipIf(isRemote)('tags of buckets', () => {
  it('are given, told and taken', async () => {
    expect((await ask('GET', tagsPath(Bucket))).text).toContain('<Tags/>');
    const given = await ask('POST', tagsPath(Bucket), { body: tagging(tag('a', '1'), tag('b', '2')) });
    expect(given).toEqual({ status: 204, text: '' });
    await ask('POST', tagsPath(Bucket), { body: tagging(tag('b', '3'), tag('c', '4')) });
    const { text } = await ask('GET', tagsPath(Bucket));
    expect(text).toContain(`<Tags>${tag('a', '1')}${tag('b', '3')}${tag('c', '4')}</Tags>`);
    const taken = await ask('DELETE', tagsPath(Bucket), { query: { tagKeys: ['a', 'c'] } });
    expect(taken.status).toBe(204);
    expect((await ask('GET', tagsPath(Bucket))).text).toContain(`<Tags>${tag('b', '3')}</Tags>`);
  });

  it.each<[string, () => Promise<{ status: number; text: string }>, number, string]>([
    ['of no bucket', () => ask('GET', tagsPath('nowhere')), 404, 'NoSuchResource'],
    [
      'of another account',
      () => ask('GET', tagsPath(Bucket), { accountId: '999999999999' }),
      403,
      'AccessDenied',
    ],
    [
      'that are AWS’s own',
      () => ask('POST', tagsPath(Bucket), { body: tagging(tag('aws:a', '1')) }),
      400,
      'InvalidTag',
    ],
  ])('not %s', async (_name, asked, status, code) => {
    const answer = await asked();
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(`<Code>${code}</Code>`);
  });
});

describe.skipIf(isRemote)('what an account keeps from being public', () => {
  it('holds for all its buckets', async () => {
    const none = await ask('GET', settingsPath);
    expect(none.status).toBe(404);
    expect(none.text).toContain('<Code>NoSuchPublicAccessBlockConfiguration</Code>');
    const body = `<PublicAccessBlockConfiguration ${xmlns}><BlockPublicPolicy>true</BlockPublicPolicy></PublicAccessBlockConfiguration>`;
    expect((await ask('PUT', settingsPath, { body })).status).toBe(200);
    expect((await ask('GET', settingsPath)).text).toContain(
      '<BlockPublicAcls>false</BlockPublicAcls><IgnorePublicAcls>false</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy>',
    );
    await account.client.send(
      new PutPublicAccessBlockCommand({
        Bucket,
        PublicAccessBlockConfiguration: { BlockPublicPolicy: false },
      }),
    );
    const Statement = {
      Effect: 'Allow',
      Principal: '*',
      Action: 's3:GetObject',
      Resource: `arn:aws:s3:::${Bucket}/*`,
    };
    const put = () =>
      account.client.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Statement }) }));
    expect((await refusal(put())).code).toBe('AccessDenied');
    expect((await ask('DELETE', settingsPath)).status).toBe(200);
    await put();
    expect((await ask('GET', settingsPath)).status).toBe(404);
  });
});
