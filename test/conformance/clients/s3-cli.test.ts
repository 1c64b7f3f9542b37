import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRemote, ServedAccount } from '../server.ts';
import { AwsCommandLine, awsCommandLines, shown } from './programs.ts';

const found = (await awsCommandLines()).map((client) => ({ ...client, name: shown(client) }));

let served: ServedAccount;
const root = mkdtempSync(path.join(tmpdir(), 'headgate-s3-cli-'));

beforeAll(async () => {
  served = await ServedAccount.open();
});

afterAll(async () => {
  await served.close();
  rmSync(root, { recursive: true });
});

const mebi = 1024 ** 2;

/** What keys may be beside plain names. */
const oddKeys = [
  'ä ö/+&?#%25 = @:;,$!*\'()~|^`"quoted"<x>[y]{z}\\.txt',
  'folder/',
  '/leading//double/',
  'tab\tline\nreturn\r.',
  'dots/../.././x',
  '🪵/日本語',
  `long/${'k'.repeat(1019)}`,
];

function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}

describe.skipIf(isRemote).each(found)('$name', { timeout: 240_000 }, ({ program, version }) => {
  const cli = () => new AwsCommandLine(program, served);

  /** A folder on the disk and a bucket, of one test. */
  async function place(kind: string) {
    const bucket = served.name(kind);
    const folder = path.join(root, bucket);
    mkdirSync(folder);
    await cli().run('s3 mb', `s3://${bucket}`);
    const file = (name: string, content: string | Uint8Array = '') => {
      const there = path.join(folder, name);
      mkdirSync(path.dirname(there), { recursive: true });
      writeFileSync(there, content);
      return there;
    };
    return { bucket, folder, file, url: `s3://${bucket}` };
  }

  it.skipIf(!version).concurrent('aws s3 copies, lists, moves and removes', async () => {
    const aws = cli();
    const { bucket, folder, file, url } = await place('files');
    expect(await aws.run('s3 ls')).toContain(bucket);
    await aws.run('s3 cp', file('a.txt', 'content of a'), `${url}/in/a.txt`);
    await aws.run('s3 cp', `${url}/in/a.txt`, path.join(folder, 'back.txt'));
    expect(readFileSync(path.join(folder, 'back.txt'), 'utf8')).toBe('content of a');
    const piped = randomBytes(3 * mebi);
    await aws.pipe(piped, 's3 cp -', `${url}/piped`);
    expect(md5(await aws.pipe(Buffer.alloc(0), 's3 cp', `${url}/piped`, '-'))).toBe(md5(piped));
    await aws.run('s3 mv', `${url}/in/a.txt`, `${url}/moved/b c+d.txt`);
    const listed = await aws.run('s3 ls --recursive --summarize', url);
    expect(listed).toMatch(
      / 12 moved\/b c\+d\.txt\n.* 3145728 piped\n\nTotal Objects: 2\n +Total Size: 3145740$/,
    );
    expect(await aws.run('s3 ls', url)).toMatch(/^PRE moved\/\n.* 3145728 piped$/);
    // Version 1 signs URLs for us-east-1 the old way, unless it is told.
    const config = file('config', '[default]\ns3 =\n  signature_version = s3v4\n');
    const signing = new AwsCommandLine(program, served, { AWS_CONFIG_FILE: config });
    const presigned = await signing.run('s3 presign --expires-in 60', `${url}/moved/b c+d.txt`);
    expect(await (await fetch(presigned)).text()).toBe('content of a');
    expect(await aws.refusal('s3 cp', `${url}/absent`, folder)).toContain('(404)');
    expect(await aws.refusal('s3 rb', url)).toContain('(BucketNotEmpty)');
    await aws.run('s3 rm', `${url}/piped`);
    await aws.run('s3 rb --force', url);
    expect(await aws.refusal('s3 ls', url)).toContain('(NoSuchBucket)');
  });

  it.skipIf(!version).concurrent('aws s3 sync copies what is other, and no more', async () => {
    const aws = cli();
    const { folder, file, url } = await place('sync');
    for (let at = 0; at < 12; at++) file(`tree/${at % 3}/${at}.txt`, `text ${at}`);
    const tree = path.join(folder, 'tree');
    const lines = (text: string) => text.split('\n').filter((line) => /upload:|download:|delete:/.test(line));
    expect(lines(await aws.run('s3 sync --no-progress', tree, `${url}/t`))).toHaveLength(12);
    expect(await aws.run('s3 sync --no-progress', tree, `${url}/t`)).toBe('');
    file('tree/1/1.txt', 'longer than it was');
    rmSync(path.join(tree, '2'), { recursive: true });
    const again = lines(await aws.run('s3 sync --delete --no-progress', tree, `${url}/t`));
    expect(again.filter((line) => line.startsWith('upload:'))).toHaveLength(1);
    expect(again.filter((line) => line.startsWith('delete:'))).toHaveLength(4);
    expect(lines(await aws.run('s3 sync --no-progress', `${url}/t`, `${url}/u`))).toHaveLength(0);
    const down = path.join(folder, 'down');
    await aws.run('s3 sync --no-progress', `${url}/t`, down);
    expect(readFileSync(path.join(down, '1', '1.txt'), 'utf8')).toBe('longer than it was');
    expect(await aws.run('s3 sync --no-progress', `${url}/t`, down)).toBe('');
    await aws.run('s3 rb --force', url);
  });

  it.skipIf(!version).concurrent('aws s3 cp uploads and copies in parts by size', async () => {
    const aws = cli();
    const { bucket, folder, file, url } = await place('parts');
    const large = randomBytes(20 * mebi + 7);
    await aws.run('s3 cp', file('large', large), `${url}/large`);
    const head = await aws.run('s3api head-object --key large --bucket', bucket);
    expect(head).toMatchObject({
      ContentLength: large.length,
      ETag: expect.stringMatching(/^"[0-9a-f]{32}-3"$/),
    });
    await aws.run('s3 cp', `${url}/large`, `${url}/copy`);
    await aws.run('s3 cp', `${url}/copy`, path.join(folder, 'copy'));
    expect(md5(readFileSync(path.join(folder, 'copy')))).toBe(md5(large));
    await aws.pipe(large, 's3 cp --expected-size 20971527 -', `${url}/stream`);
    expect(md5(await aws.pipe(Buffer.alloc(0), 's3 cp', `${url}/stream`, '-'))).toBe(md5(large));
    const first = await aws.run('s3api head-object --part-number 1 --key large --bucket', bucket);
    expect(first).toMatchObject({ ContentLength: 8 * mebi, PartsCount: 3 });
    await aws.run('s3 rb --force', url);
  });

  it.skipIf(!version).concurrent('aws s3api keeps odd keys apart', async () => {
    const aws = cli();
    const { bucket, folder, file, url } = await place('keys');
    for (const [at, key] of oddKeys.entries()) {
      await aws.run(
        's3api put-object --bucket',
        bucket,
        '--key',
        key,
        '--body',
        file(`${at}`, `content ${at}`),
      );
    }
    const { Contents } = await aws.run('s3api list-objects-v2 --bucket', bucket);
    const inOrder = oddKeys.toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
    expect(Contents.map(({ Key }: { Key: string }) => Key)).toEqual(inOrder);
    const old = await aws.run('s3api list-objects --page-size 2 --query Contents[].Key --bucket', bucket);
    expect(old).toEqual(inOrder);
    for (const [at, key] of oddKeys.entries()) {
      const there = path.join(folder, `got ${at}`);
      await aws.run('s3api get-object --bucket', bucket, '--key', key, there);
      expect(readFileSync(there, 'utf8')).toBe(`content ${at}`);
    }
    await aws.run('s3api copy-object --key copied --bucket', bucket, '--copy-source', `${bucket}/🪵/日本語`);
    expect((await aws.pipe(Buffer.alloc(0), 's3 cp', `${url}/copied`, '-')).toString()).toBe('content 5');
    const objects = JSON.stringify({ Objects: [...oddKeys, 'copied'].map((Key) => ({ Key })) });
    const { Deleted } = await aws.run('s3api delete-objects --bucket', bucket, '--delete', objects);
    expect(Deleted).toHaveLength(oddKeys.length + 1);
    await aws.run('s3api delete-bucket --bucket', bucket);
  });

  it.skipIf(!version).concurrent('aws s3api reads ranges, and under conditions', async () => {
    const aws = cli();
    const { bucket, folder, file, url } = await place('ranges');
    const ofObject = ['--bucket', bucket, '--key', 'k'];
    const put = await aws.run(
      's3api put-object --content-type text/x-test --metadata colour=red,Size=9 --storage-class STANDARD_IA --tagging a=1&b=2',
      ...ofObject,
      '--body',
      file('k', '0123456789'),
    );
    const out = path.join(folder, 'out');
    const got = await aws.run('s3api get-object --range bytes=-4', ...ofObject, out);
    expect(readFileSync(out, 'utf8')).toBe('6789');
    expect(got).toMatchObject({
      ContentRange: 'bytes 6-9/10',
      ContentType: 'text/x-test',
      Metadata: { colour: 'red', size: '9' },
      StorageClass: 'STANDARD_IA',
      ETag: put.ETag,
      TagCount: 2,
    });
    expect(await aws.refusal('s3api get-object --range bytes=10-', ...ofObject, out)).toContain(
      '(InvalidRange)',
    );
    expect(await aws.refusal('s3api get-object --if-match', '"x"', ...ofObject, out)).toContain(
      '(PreconditionFailed)',
    );
    expect(await aws.refusal('s3api head-object --if-none-match', put.ETag, ...ofObject)).toContain('(304)');
    expect(await aws.run('s3api get-object-tagging', ...ofObject)).toEqual({
      TagSet: [
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: '2' },
      ],
    });
    await aws.run('s3api put-object-tagging --tagging', 'TagSet=[{Key=only,Value=one}]', ...ofObject);
    expect((await aws.run('s3api get-object-tagging', ...ofObject)).TagSet).toEqual([
      { Key: 'only', Value: 'one' },
    ]);
    await aws.run('s3api delete-object-tagging', ...ofObject);
    expect(
      await aws.run(
        's3api get-object-attributes --object-attributes ETag ObjectSize StorageClass',
        ...ofObject,
      ),
    ).toMatchObject({ ETag: put.ETag.replaceAll('"', ''), ObjectSize: 10, StorageClass: 'STANDARD_IA' });
    await aws.run(
      's3api copy-object --metadata-directive REPLACE --metadata new=1 --copy-source',
      `${bucket}/k`,
      ...ofObject,
    );
    expect((await aws.run('s3api head-object', ...ofObject)).Metadata).toEqual({ new: '1' });
    await aws.run('s3 rb --force', url);
  });

  it.skipIf(!version).concurrent('aws s3api uploads parts by hand, and lists with a delimiter', async () => {
    const aws = cli();
    const { bucket, file, url } = await place('hand');
    const ofUpload = async (key: string) => {
      const names = ['--bucket', bucket, '--key', key];
      const { UploadId } = await aws.run('s3api create-multipart-upload', ...names);
      return [...names, '--upload-id', UploadId];
    };
    const whole = await ofUpload('whole');
    const parts = [];
    for (const [at, content] of [randomBytes(5 * mebi), Buffer.from('the end')].entries()) {
      const body = ['--part-number', String(at + 1), '--body', file(`part ${at}`, content)];
      const { ETag } = await aws.run('s3api upload-part', ...whole, ...body);
      expect(ETag).toBe(`"${md5(content)}"`);
      parts.push({ ETag, PartNumber: at + 1 });
    }
    const aborted = await ofUpload('aborted');
    const uploads = await aws.run('s3api list-multipart-uploads --query Uploads[].Key --bucket', bucket);
    expect(uploads).toEqual(['aborted', 'whole']);
    await aws.run('s3api abort-multipart-upload', ...aborted);
    expect(await aws.refusal('s3api list-parts', ...aborted)).toContain('(NoSuchUpload)');
    const listed = await aws.run('s3api list-parts', ...whole);
    expect(listed.Parts).toMatchObject([{ Size: 5 * mebi }, { Size: 7 }]);
    const made = await aws.run(
      's3api complete-multipart-upload',
      ...whole,
      '--multipart-upload',
      JSON.stringify({ Parts: parts }),
    );
    expect(made.ETag).toMatch(/-2"$/);
    for (const key of ['d/1', 'd/2', 'e/3']) await aws.run('s3api put-object --bucket', bucket, '--key', key);
    const ofBucket = ['--bucket', bucket, '--delimiter', '/'];
    const page = await aws.run('s3api list-objects-v2', ...ofBucket);
    expect(page.CommonPrefixes).toEqual([{ Prefix: 'd/' }, { Prefix: 'e/' }]);
    expect(page.Contents).toMatchObject([{ Key: 'whole', Size: 5 * mebi + 7 }]);
    const inside = await aws.run('s3api list-objects-v2 --prefix d/ --start-after d/1', ...ofBucket);
    expect(inside.Contents.map(({ Key }: { Key: string }) => Key)).toEqual(['d/2']);
    const first = await aws.run('s3api list-objects-v2 --prefix d/ --max-items 1 --bucket', bucket);
    expect(first.NextToken).toEqual(expect.any(String));
    await aws.run('s3 rb --force', url);
  });

  it.skipIf(!version).concurrent('aws s3api sets what a bucket has', async () => {
    const aws = cli();
    const { bucket, url } = await place('settings');
    const ofBucket = ['--bucket', bucket];
    const policy = {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:DeleteBucket',
          Resource: `arn:aws:s3:::${bucket}`,
          Condition: { StringEquals: { 'aws:PrincipalTag/none': 'x' } },
        },
      ],
    };
    expect(await aws.refusal('s3api get-bucket-policy', ...ofBucket)).toContain('(NoSuchBucketPolicy)');
    await aws.run('s3api put-bucket-policy', ...ofBucket, '--policy', JSON.stringify(policy));
    expect(JSON.parse((await aws.run('s3api get-bucket-policy', ...ofBucket)).Policy)).toEqual(policy);
    expect(await aws.run('s3api get-bucket-policy-status', ...ofBucket)).toEqual({
      PolicyStatus: { IsPublic: false },
    });
    await aws.run('s3api put-bucket-tagging --tagging', 'TagSet=[{Key=a,Value=b}]', ...ofBucket);
    expect((await aws.run('s3api get-bucket-tagging', ...ofBucket)).TagSet).toEqual([
      { Key: 'a', Value: 'b' },
    ]);
    const rules = {
      Rules: [{ ID: 'old', Status: 'Enabled', Filter: { Prefix: 'logs/' }, Expiration: { Days: 30 } }],
    };
    await aws.run(
      's3api put-bucket-lifecycle-configuration',
      ...ofBucket,
      '--lifecycle-configuration',
      JSON.stringify(rules),
    );
    expect(await aws.run('s3api get-bucket-lifecycle-configuration', ...ofBucket)).toMatchObject(rules);
    await aws.run('s3api delete-bucket-lifecycle', ...ofBucket);
    const block = await aws.run('s3api get-public-access-block', ...ofBucket);
    expect(block.PublicAccessBlockConfiguration).toMatchObject({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
    });
    const location = await aws.run('s3api get-bucket-location', ...ofBucket);
    expect(location).toEqual({ LocationConstraint: null });
    const { Owner, Grants } = await aws.run('s3api get-bucket-acl', ...ofBucket);
    expect(Grants).toMatchObject([
      { Grantee: { ID: Owner.ID, Type: 'CanonicalUser' }, Permission: 'FULL_CONTROL' },
    ]);
    await aws.run('s3api wait bucket-exists', ...ofBucket);
    await aws.run('s3 rb', url);
  });
});
