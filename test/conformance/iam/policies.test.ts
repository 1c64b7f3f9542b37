import {
  AttachUserPolicyCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateUserCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DeleteUserCommand,
  DetachUserPolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  IAMClient,
  ListEntitiesForPolicyCommand,
  ListPoliciesCommand,
  ListPolicyTagsCommand,
  ListPolicyVersionsCommand,
  paginateListPolicies,
  SetDefaultPolicyVersionCommand,
  TagPolicyCommand,
  UntagPolicyCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { policy } from '../../open-account.ts';
import { refusal, ServedAccount } from '../server.ts';

const readOnly = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
const document = policy('s3:GetObject');
let served: ServedAccount;
let iam: IAMClient;
let UserName = '';
const made: string[] = [];

beforeAll(async () => {
  served = await ServedAccount.open();
  iam = new IAMClient(served.client());
  UserName = served.name('user');
  await iam.send(new CreateUserCommand({ UserName }));
});

afterAll(async () => {
  for (const PolicyArn of made) {
    await iam.send(new DetachUserPolicyCommand({ UserName, PolicyArn })).catch(() => undefined);
    await iam.send(new DeletePolicyCommand({ PolicyArn })).catch(() => undefined);
  }
  await iam.send(new DeleteUserCommand({ UserName }));
  await served.close();
});

async function create(more: object = {}) {
  const PolicyName = served.name('policy');
  const command = new CreatePolicyCommand({ PolicyName, PolicyDocument: document, ...more });
  const { Policy } = await iam.send(command);
  made.push(Policy!.Arn!);
  return Policy!;
}

describe('serialization', () => {
  it('gives a policy in all its members', async () => {
    const Tags = [{ Key: 'team', Value: 'net' }];
    const made = await create({ Path: '/rules/', Description: 'Reads objects', Tags });
    const shown = {
      PolicyName: made.PolicyName,
      PolicyId: expect.stringMatching(/^ANPA[A-Z2-7]{17}$/),
      Arn: `arn:aws:iam::${served.accountId}:policy/rules/${made.PolicyName}`,
      Path: '/rules/',
      DefaultVersionId: 'v1',
      AttachmentCount: 0,
      PermissionsBoundaryUsageCount: 0,
      IsAttachable: true,
      CreateDate: expect.any(Date),
      UpdateDate: expect.any(Date),
      Tags,
    };
    expect(made).toEqual(shown);
    const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn: made.Arn }));
    expect(Policy).toEqual({ ...shown, Description: 'Reads objects' });
  });

  it('gives documents percent-encoded', async () => {
    const text = `{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::b/(it's)!~-_."}]}`;
    const { Arn } = await create({ PolicyDocument: text });
    const command = new GetPolicyVersionCommand({ PolicyArn: Arn, VersionId: 'v1' });
    const { PolicyVersion } = await iam.send(command);
    expect(PolicyVersion).toMatchObject({ VersionId: 'v1', IsDefaultVersion: true });
    expect(PolicyVersion?.Document).toContain('b%2F%28it%27s%29%21~-_.');
    expect(decodeURIComponent(PolicyVersion!.Document!)).toBe(text);
  });
});

describe('validation', () => {
  it.each([
    { name: 'a name with a slash', more: { PolicyName: 'a/b' }, code: 'ValidationError' },
    { name: 'no JSON', more: { PolicyDocument: 'nonsense' }, code: 'MalformedPolicyDocument' },
    {
      name: 'an old version',
      more: { PolicyDocument: document.replace('2012-10-17', '2008-10-17') },
      code: 'MalformedPolicyDocument',
    },
    {
      name: 'no resource',
      more: { PolicyDocument: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*"}]}' },
      code: 'MalformedPolicyDocument',
    },
    {
      name: 'too many characters',
      more: { PolicyDocument: policy(`s3:${'x'.repeat(6144)}`) },
      code: 'LimitExceeded',
    },
  ])('refuses $name', async ({ more, code }) => {
    expect(await refusal(create(more))).toMatchObject({ code });
  });

  it('counts no white space', async () => {
    await create({ PolicyDocument: document.replaceAll(',', `,${' '.repeat(4000)}`) });
  });

  it('refuses an ARN that is none', async () => {
    const command = new GetPolicyCommand({ PolicyArn: 'arn:aws:s3:::some-bucket-name' });
    expect(await refusal(iam.send(command))).toMatchObject({ code: 'InvalidInput', status: 400 });
  });
});

describe('behaviour', () => {
  it('keeps five versions, one of them in force, and never uses a number again', async () => {
    const { Arn: PolicyArn } = await create();
    const add = (more: object = {}) =>
      iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: policy('s3:*'), ...more }));
    for (let count = 2; count <= 4; count++) await add();
    expect((await add({ SetAsDefault: true })).PolicyVersion).toMatchObject({
      VersionId: 'v5',
      IsDefaultVersion: true,
    });
    expect(await refusal(add())).toMatchObject({ code: 'LimitExceeded', status: 409 });
    await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: 'v4' }));
    expect((await add()).PolicyVersion?.VersionId).toBe('v6');
    await iam.send(new SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: 'v1' }));
    const { Versions = [] } = await iam.send(new ListPolicyVersionsCommand({ PolicyArn }));
    expect(Versions.map(({ VersionId, IsDefaultVersion }) => [VersionId, IsDefaultVersion])).toEqual([
      ['v6', false],
      ['v5', false],
      ['v3', false],
      ['v2', false],
      ['v1', true],
    ]);
    for (const VersionId of ['v2', 'v3', 'v5', 'v6']) {
      await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId }));
    }
  });

  it('is deleted when nobody has it', async () => {
    const { Arn: PolicyArn } = await create();
    await iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn }));
    expect((await iam.send(new GetPolicyCommand({ PolicyArn }))).Policy?.AttachmentCount).toBe(1);
    const { PolicyUsers } = await iam.send(new ListEntitiesForPolicyCommand({ PolicyArn }));
    expect(PolicyUsers).toMatchObject([{ UserName }]);
    expect(await refusal(iam.send(new DeletePolicyCommand({ PolicyArn })))).toEqual({
      code: 'DeleteConflict',
      status: 409,
      message: 'Cannot delete a policy attached to entities.',
    });
    await iam.send(new DetachUserPolicyCommand({ UserName, PolicyArn }));
    await iam.send(new DeletePolicyCommand({ PolicyArn }));
    expect(await refusal(iam.send(new GetPolicyCommand({ PolicyArn })))).toMatchObject({
      code: 'NoSuchEntity',
      status: 404,
    });
  });

  it('lists those of AWS and of the account, attached or all', async () => {
    const { Arn } = await create();
    const arns = async (more: object) => {
      const found: (string | undefined)[] = [];
      for await (const { Policies = [] } of paginateListPolicies({ client: iam, pageSize: 100 }, more)) {
        found.push(...Policies.map((each) => each.Arn));
      }
      return found;
    };
    expect(await arns({ Scope: 'Local' })).toContain(Arn);
    expect(await arns({ Scope: 'Local' })).not.toContain(readOnly);
    expect(await arns({ Scope: 'AWS' })).toContain(readOnly);
    expect(await arns({ OnlyAttached: true, Scope: 'Local' })).not.toContain(Arn);
    expect(await arns({})).toEqual(expect.arrayContaining([Arn, readOnly]));
    const { Policies } = await iam.send(new ListPoliciesCommand({ Scope: 'AWS', MaxItems: 1 }));
    expect(Policies).toHaveLength(1);
  });

  it('sets and takes away tags', async () => {
    const { Arn: PolicyArn } = await create();
    await iam.send(
      new TagPolicyCommand({
        PolicyArn,
        Tags: [
          { Key: 'a', Value: '1' },
          { Key: 'b', Value: '2' },
        ],
      }),
    );
    await iam.send(new UntagPolicyCommand({ PolicyArn, TagKeys: ['a'] }));
    expect((await iam.send(new ListPolicyTagsCommand({ PolicyArn }))).Tags).toEqual([
      { Key: 'b', Value: '2' },
    ]);
  });
});
