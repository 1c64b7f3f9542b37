import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { policy, trust } from '../../open-account.ts';
import { refusal, ServedAccount } from '../server.ts';

const readOnly = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
let served: ServedAccount;
let iam: IAMClient;
let RoleName = '';

beforeAll(async () => {
  served = await ServedAccount.open();
  iam = new IAMClient(served.client());
  RoleName = served.name('role');
  const AssumeRolePolicyDocument = trust({ Service: 'vpc-flow-logs.amazonaws.com' });
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
});

afterAll(async () => {
  await iam.send(new DeleteRoleCommand({ RoleName }));
  await served.close();
});

describe('serialization', () => {
  it('gives inline policies by name, percent-encoded', async () => {
    const PolicyDocument = policy('logs:PutLogEvents');
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'a@b.c', PolicyDocument }));
    const answer = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: 'a@b.c' }));
    expect(answer).toMatchObject({ RoleName, PolicyName: 'a@b.c' });
    expect(answer.PolicyDocument).toMatch(/^%7B/);
    expect(decodeURIComponent(answer.PolicyDocument!)).toBe(PolicyDocument);
    const { PolicyNames, IsTruncated } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
    expect({ PolicyNames, IsTruncated }).toEqual({ PolicyNames: ['a@b.c'], IsTruncated: false });
    await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'a@b.c' }));
    expect((await iam.send(new ListRolePoliciesCommand({ RoleName }))).PolicyNames).toEqual([]);
  });

  it('gives attached policies by name and ARN', async () => {
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: readOnly }));
    const { AttachedPolicies } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
    expect(AttachedPolicies).toEqual([{ PolicyName: 'ReadOnlyAccess', PolicyArn: readOnly }]);
    await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn: readOnly }));
    expect((await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }))).AttachedPolicies).toEqual([]);
  });
});

describe('validation', () => {
  it('names what is missing', async () => {
    const command = new PutRolePolicyCommand({ RoleName, PolicyName: 'p', PolicyDocument: undefined });
    expect(await refusal(iam.send(command))).toEqual({
      code: 'ValidationError',
      status: 400,
      message:
        "1 validation error detected: Value null at 'policyDocument' failed to satisfy constraint: Member must not be null",
    });
  });

  it('refuses documents that are no policies of identities', async () => {
    const command = new PutRolePolicyCommand({
      RoleName,
      PolicyName: 'p',
      PolicyDocument: trust({ AWS: '*' }, { Resource: '*' }),
    });
    expect(await refusal(iam.send(command))).toMatchObject({ code: 'MalformedPolicyDocument', status: 400 });
  });
});

describe('behaviour', () => {
  it('replaces an inline policy of the same name', async () => {
    const PolicyName = 'p';
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument: policy('s3:*') }));
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument: policy('ec2:*') }));
    const { PolicyDocument } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
    expect(decodeURIComponent(PolicyDocument!)).toBe(policy('ec2:*'));
    await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
  });

  it('attaches once, and detaches what is attached', async () => {
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: readOnly }));
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: readOnly }));
    expect((await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }))).AttachedPolicies).toHaveLength(
      1,
    );
    expect(await refusal(iam.send(new DeleteRoleCommand({ RoleName })))).toEqual({
      code: 'DeleteConflict',
      status: 409,
      message: 'Cannot delete entity, must detach all policies first.',
    });
    await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn: readOnly }));
    expect(await refusal(iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn: readOnly })))).toEqual({
      code: 'NoSuchEntity',
      status: 404,
      message: `Policy ${readOnly} was not found.`,
    });
  });
});
