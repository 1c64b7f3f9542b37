import {
  CreateUserCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  IAMClient,
  PutUserPolicyCommand,
  SimulateCustomPolicyCommand,
  SimulatePrincipalPolicyCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refusal, ServedAccount } from '../server.ts';

const document = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:Get*', Resource: 'arn:aws:s3:::shelf/*' }],
});

let served: ServedAccount;
let iam: IAMClient;
let UserName = '';

beforeAll(async () => {
  served = await ServedAccount.open();
  iam = new IAMClient(served.client());
  UserName = served.name('user');
  await iam.send(new CreateUserCommand({ UserName }));
  await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'own', PolicyDocument: document }));
});

afterAll(async () => {
  await iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName: 'own' }));
  await iam.send(new DeleteUserCommand({ UserName }));
  await served.close();
});

const userArn = () => `arn:aws:iam::${served.accountId}:user/${UserName}`;

describe('serialization', () => {
  it('gives results with positions of statements', async () => {
    const { EvaluationResults, IsTruncated } = await iam.send(
      new SimulateCustomPolicyCommand({
        PolicyInputList: [document],
        ActionNames: ['s3:GetObject'],
        ResourceArns: ['arn:aws:s3:::shelf/x'],
      }),
    );
    expect(IsTruncated).toBe(false);
    expect(EvaluationResults?.[0]).toMatchObject({
      EvalActionName: 's3:GetObject',
      EvalResourceName: 'arn:aws:s3:::shelf/x',
      EvalDecision: 'allowed',
      MatchedStatements: [{ SourcePolicyId: 'PolicyInputList.1', StartPosition: { Line: 1 } }],
    });
  });
});

describe('validation', () => {
  it.each<[name: string, input: object, code: string]>([
    ['no actions', { PolicySourceArn: 'arn:aws:iam::123456789012:user/ann' }, 'ValidationError'],
    ['an ARN that is too short', { PolicySourceArn: 'x', ActionNames: ['s3:GetObject'] }, 'ValidationError'],
  ])('%s', async (_name, input, code) => {
    const command = new SimulatePrincipalPolicyCommand(input as never);
    expect((await refusal(iam.send(command))).code).toBe(code);
  });
});

describe('behaviour', () => {
  it('answers what a user may', async () => {
    const { EvaluationResults } = await iam.send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn: userArn(),
        ActionNames: ['s3:GetObject', 's3:PutObject'],
        ResourceArns: ['arn:aws:s3:::shelf/x'],
      }),
    );
    expect(EvaluationResults?.map(({ EvalDecision }) => EvalDecision)).toEqual(['allowed', 'implicitDeny']);
  });

  it('of a user who is not there', async () => {
    const command = new SimulatePrincipalPolicyCommand({
      PolicySourceArn: `${userArn()}x`,
      ActionNames: ['s3:GetObject'],
    });
    expect((await refusal(iam.send(command))).code).toBe('NoSuchEntity');
  });
});
