import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  GetAccessKeyLastUsedCommand,
  IAMClient,
  ListAccessKeysCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRemote, refusal, ServedAccount } from '../server.ts';

let served: ServedAccount;
let iam: IAMClient;
let UserName = '';

beforeAll(async () => {
  served = await ServedAccount.open();
  iam = new IAMClient(served.client());
  UserName = served.name('user');
  await iam.send(new CreateUserCommand({ UserName }));
});

afterAll(async () => {
  for (const AccessKeyId of await keys())
    await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }));
  await iam.send(new DeleteUserCommand({ UserName }));
  await served.close();
});

async function keys(): Promise<(string | undefined)[]> {
  const { AccessKeyMetadata = [] } = await iam.send(new ListAccessKeysCommand({ UserName }));
  return AccessKeyMetadata.map(({ AccessKeyId }) => AccessKeyId);
}

async function create() {
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  return { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey!, AccessKey };
}

describe('serialization', () => {
  it('tells the secret once', async () => {
    const { AccessKey, accessKeyId } = await create();
    expect(AccessKey).toEqual({
      UserName,
      AccessKeyId: expect.stringMatching(/^AKIA[A-Z2-7]{16}$/),
      Status: 'Active',
      SecretAccessKey: expect.stringMatching(/^[\w+/]{40}$/),
      CreateDate: expect.any(Date),
    });
    const { AccessKeyMetadata } = await iam.send(new ListAccessKeysCommand({ UserName }));
    expect(AccessKeyMetadata).toEqual([
      { UserName, AccessKeyId: accessKeyId, Status: 'Active', CreateDate: AccessKey!.CreateDate },
    ]);
    await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId: accessKeyId }));
  });
});

describe('validation', () => {
  it('refuses what is no key id', async () => {
    const command = new GetAccessKeyLastUsedCommand({ AccessKeyId: 'short' });
    expect(await refusal(iam.send(command))).toMatchObject({
      code: 'ValidationError',
      status: 400,
      message: expect.stringMatching(/at 'accessKeyId' failed to satisfy constraint/),
    });
  });
});

describe('behaviour', () => {
  it('gives two keys and no more', async () => {
    const made = [await create(), await create()];
    expect(await refusal(iam.send(new CreateAccessKeyCommand({ UserName })))).toEqual({
      code: 'LimitExceeded',
      status: 409,
      message: 'Cannot exceed quota for AccessKeysPerUser: 2',
    });
    for (const { accessKeyId: AccessKeyId } of made) {
      await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }));
    }
  });

  it.skipIf(isRemote)('lets nobody in with a key that is inactive or gone', async () => {
    const { accessKeyId, secretAccessKey } = await create();
    const sts = new STSClient(served.client({ accessKeyId, secretAccessKey }));
    const who = () => sts.send(new GetCallerIdentityCommand({}));
    expect((await who()).Arn).toBe(`arn:aws:iam::${served.accountId}:user/${UserName}`);
    const { AccessKeyLastUsed } = await iam.send(
      new GetAccessKeyLastUsedCommand({ AccessKeyId: accessKeyId }),
    );
    expect(AccessKeyLastUsed).toMatchObject({ ServiceName: 'sts', Region: served.region });
    const key = { UserName, AccessKeyId: accessKeyId };
    await iam.send(new UpdateAccessKeyCommand({ ...key, Status: 'Inactive' }));
    expect(await refusal(who())).toMatchObject({ code: 'InvalidClientTokenId', status: 403 });
    await iam.send(new UpdateAccessKeyCommand({ ...key, Status: 'Active' }));
    await who();
    await iam.send(new DeleteAccessKeyCommand(key));
    expect(await refusal(who())).toEqual({
      code: 'InvalidClientTokenId',
      status: 403,
      message: 'The security token included in the request is invalid.',
    });
  });
});
