import type { EvaluationResult } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OpenedAccount, policy, trust } from '../../../test/open-account.ts';
import type { Caller } from '../../iam/index.ts';

let account: OpenedAccount;
const arn = (rest: string) => `arn:aws:iam::123456789012:${rest}`;
const object = 'arn:aws:s3:::shelf/x';

beforeAll(async () => {
  account = await OpenedAccount.open();
  await account.call('iam:CreateUser', { UserName: 'ann' });
  await account.call('iam:PutUserPolicy', {
    UserName: 'ann',
    PolicyName: 'own',
    PolicyDocument: policy('s3:Get*'),
  });
  await account.call('iam:CreateGroup', { GroupName: 'crew' });
  await account.call('iam:AddUserToGroup', { GroupName: 'crew', UserName: 'ann' });
  await account.call('iam:AttachGroupPolicy', {
    GroupName: 'crew',
    PolicyArn: 'arn:aws:iam::aws:policy/AmazonVPCReadOnlyAccess',
  });
  await account.call('iam:CreateRole', {
    RoleName: 'cook',
    AssumeRolePolicyDocument: trust({ Service: 'ec2.amazonaws.com' }),
  });
  await account.call('iam:AttachRolePolicy', {
    RoleName: 'cook',
    PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess',
  });
});
afterAll(() => account.close());

async function simulated(input: object, action = 'SimulatePrincipalPolicy'): Promise<EvaluationResult[]> {
  return (await account.call(`iam:${action}`, input)).EvaluationResults;
}

describe('SimulatePrincipalPolicy', () => {
  it('tells which statements decide', async () => {
    const [result] = await simulated({
      PolicySourceArn: arn('role/cook'),
      ActionNames: ['ec2:RunInstances'],
    });
    expect(result).toEqual({
      EvalActionName: 'ec2:RunInstances',
      EvalResourceName: '*',
      EvalDecision: 'allowed',
      MatchedStatements: [
        {
          SourcePolicyId: 'AdministratorAccess',
          SourcePolicyType: 'IAM Policy',
          StartPosition: { Line: 3, Column: 19 },
          EndPosition: { Line: 8, Column: 10 },
        },
      ],
      MissingContextValues: [],
    });
  });

  it('looks at users, their groups and given policies', async () => {
    const input = {
      PolicySourceArn: arn('user/ann'),
      ActionNames: ['s3:GetObject', 'ec2:DescribeVpcs', 'ec2:DeleteVpc', 'sqs:SendMessage'],
      PolicyInputList: [policy('sqs:*')],
    };
    const results = await simulated(input);
    expect(
      results.map(({ EvalDecision, MatchedStatements = [] }) => [
        EvalDecision,
        MatchedStatements[0]?.SourcePolicyId,
      ]),
    ).toEqual([
      ['allowed', 'user_ann_own'],
      ['allowed', 'AmazonVPCReadOnlyAccess'],
      ['implicitDeny', undefined],
      ['allowed', 'PolicyInputList.1'],
    ]);
    const ofGroup = await simulated({ ...input, PolicySourceArn: arn('group/crew') });
    expect(ofGroup.map(({ EvalDecision }) => EvalDecision)).toEqual([
      'implicitDeny',
      'allowed',
      'implicitDeny',
      'allowed',
    ]);
  });

  it('answers each action on each resource, page by page', async () => {
    const input = {
      PolicySourceArn: arn('user/ann'),
      ActionNames: ['s3:GetObject', 's3:PutObject'],
      ResourceArns: [object, `${object}2`],
      MaxItems: 3,
    };
    const first = await account.call('iam:SimulatePrincipalPolicy', input);
    const second = await account.call('iam:SimulatePrincipalPolicy', { ...input, Marker: first.Marker });
    const pairs = [...first.EvaluationResults, ...second.EvaluationResults].map((one: EvaluationResult) => [
      one.EvalActionName,
      one.EvalResourceName,
      one.EvalDecision,
      one.ResourceSpecificResults?.[0].EvalResourceDecision,
    ]);
    expect(pairs).toEqual([
      ['s3:GetObject', object, 'allowed', 'allowed'],
      ['s3:GetObject', `${object}2`, 'allowed', 'allowed'],
      ['s3:PutObject', object, 'implicitDeny', 'implicitDeny'],
      ['s3:PutObject', `${object}2`, 'implicitDeny', 'implicitDeny'],
    ]);
    expect([first.IsTruncated, second.IsTruncated]).toEqual([true, false]);
  });

  it.each([
    ['user/nobody', 'NoSuchEntity: The user with name nobody cannot be found.'],
    ['role/nothing', 'NoSuchEntity: The role with name nothing cannot be found.'],
    [
      'root',
      `InvalidInput: Invalid Entity Arn: ${arn('root')} does not clearly define entity type and name.`,
    ],
  ])('of %s', async (name, refusal) => {
    const input = { PolicySourceArn: arn(name), ActionNames: ['s3:GetObject'] };
    expect(await account.refusal('iam:SimulatePrincipalPolicy', input)).toBe(refusal);
  });
});

describe('SimulateCustomPolicy', () => {
  const conditional = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: '*',
        Resource: '*',
        Condition: { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } },
      },
      { Effect: 'Deny', Action: 'iam:*', Resource: '*' },
    ],
  });
  const ask = (input: object) =>
    simulated(
      { PolicyInputList: [conditional], ActionNames: ['ec2:CreateVpc'], ...input },
      'SimulateCustomPolicy',
    );
  const region = (value: string) => [
    { ContextKeyName: 'AWS:requestedregion', ContextKeyValues: [value], ContextKeyType: 'string' },
  ];

  it('tells which keys nobody has given', async () => {
    const [result] = await ask({});
    expect([result.EvalDecision, result.MissingContextValues]).toEqual([
      'implicitDeny',
      ['aws:RequestedRegion'],
    ]);
    const [named] = await ask({ ResourceArns: ['arn:aws:ec2:eu-west-1:123456789012:vpc/*'] });
    expect(named.MissingContextValues).toEqual([]);
    expect(named.ResourceSpecificResults?.[0].MissingContextValues).toEqual(['aws:RequestedRegion']);
  });

  it('takes keys as they are given', async () => {
    expect((await ask({ ContextEntries: region('eu-west-1') }))[0].EvalDecision).toBe('allowed');
    expect((await ask({ ContextEntries: region('us-east-1') }))[0].EvalDecision).toBe('implicitDeny');
  });

  it('shows only what denies', async () => {
    const [result] = await ask({ ActionNames: ['iam:ListUsers'], ContextEntries: region('eu-west-1') });
    expect(result.EvalDecision).toBe('explicitDeny');
    expect(result.MatchedStatements).toHaveLength(1);
  });

  it('knows a boundary', async () => {
    const input = {
      ContextEntries: region('eu-west-1'),
      PermissionsBoundaryPolicyInputList: [policy('s3:*')],
    };
    const [result] = await ask(input);
    expect(result.EvalDecision).toBe('implicitDeny');
    expect(result.PermissionsBoundaryDecisionDetail).toEqual({ AllowedByPermissionsBoundary: false });
  });

  it('knows a policy of the resource, in the account and across', async () => {
    const ResourcePolicy = JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Principal: { AWS: arn('user/ann') }, Action: 's3:*', Resource: '*' },
    });
    const input = {
      PolicyInputList: [policy('ec2:*')],
      ActionNames: ['s3:GetObject'],
      ResourceArns: [object],
      CallerArn: arn('user/ann'),
      ResourcePolicy,
    };
    expect((await ask(input))[0].EvalDecision).toBe('allowed');
    const [across] = await ask({ ...input, ResourceOwner: 'arn:aws:iam::999988887777:root' });
    expect(across.EvalDecision).toBe('implicitDeny');
    expect(across.EvalDecisionDetails).toEqual({
      'IAM Policy': 'implicitDeny',
      'Resource Policy': 'allowed',
    });
  });

  it.each([
    ['no policy', { PolicyInputList: ['{'] }, 'InvalidInput: PolicyInputList.1: Syntax errors in policy.'],
    ['no action', { ActionNames: ['everything'] }, 'InvalidInput: Invalid action name: everything'],
    [
      'two boundaries',
      { PermissionsBoundaryPolicyInputList: [policy('*'), policy('*')] },
      'InvalidInput: Only one permissions boundary policy can be given',
    ],
    [
      'a resource policy of nothing',
      { ResourcePolicy: policy('*') },
      'InvalidInput: ResourceArns is required with ResourcePolicy',
    ],
    ['no user', { CallerArn: arn('role/cook') }, `InvalidInput: Invalid CallerArn: ${arn('role/cook')}`],
  ])('refuses %s', async (_name, input, refusal) => {
    const whole = { PolicyInputList: [policy('*')], ActionNames: ['s3:GetObject'], ...input };
    expect(await account.refusal('iam:SimulateCustomPolicy', whole)).toBe(refusal);
  });

  it('knows nothing of the users of another account', async () => {
    const tagged = { UserName: 'ann', Tags: [{ Key: 'team', Value: 'net' }] };
    await account.call('iam:TagUser', tagged);
    const condition = { StringEquals: { 'aws:PrincipalTag/team': 'net' } };
    const text = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*', Condition: condition }],
    });
    const input = { PolicyInputList: [text], ActionNames: ['s3:GetObject'], CallerArn: arn('user/ann') };
    expect((await ask(input))[0].EvalDecision).toBe('allowed');
    const other: Caller = {
      kind: 'root',
      accountId: '210987654321',
      arn: 'arn:aws:iam::210987654321:root',
      userId: '210987654321',
    };
    const { EvaluationResults } = await account.call('iam:SimulateCustomPolicy', input, other);
    expect(EvaluationResults[0].EvalDecision).toBe('implicitDeny');
  });

  it('gives short pages where many statements are compared', async () => {
    const statement = { Effect: 'Allow', Action: '*', Resource: '*' };
    const text = JSON.stringify({ Version: '2012-10-17', Statement: Array(20_000).fill(statement) });
    const answer = await account.call('iam:SimulateCustomPolicy', {
      PolicyInputList: [text],
      ActionNames: Array.from({ length: 100 }, (_, i) => `s3:Act${i}`),
    });
    expect([answer.EvaluationResults.length, answer.IsTruncated]).toEqual([9, true]);
  });
});
