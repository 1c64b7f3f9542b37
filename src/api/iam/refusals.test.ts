import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OpenedAccount, policy, trust } from '../../../test/open-account.ts';

let account: OpenedAccount;

const accountId = '123456789012';
const arn = (name: string) => `arn:aws:iam::${accountId}:policy/${name}`;
const readOnly = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
const anything = policy('*');
const trusted = trust({ AWS: accountId });
const rolePath = 'aws-service-role/vpc-flow-logs.amazonaws.com';

beforeAll(async () => {
  account = await OpenedAccount.open();
  const make = async (name: string, action: string, input: object) => {
    for (const each of name.split(' ')) await account.call(`iam:${action}`, withName(input, each));
  };
  const withName = (input: object, name: string) =>
    Object.fromEntries(Object.entries(input).map(([key, value]) => [key, value === '' ? name : value]));
  await make('busy idle full', 'CreateUser', { UserName: '' });
  await make('busy full', 'CreateGroup', { GroupName: '' });
  await make('busy full', 'CreateRole', { RoleName: '', AssumeRolePolicyDocument: trusted });
  await make('busy bound empty', 'CreateInstanceProfile', { InstanceProfileName: '' });
  await make('used versions limit spare', 'CreatePolicy', { PolicyName: '', PolicyDocument: anything });
  await account.call('iam:CreateServiceLinkedRole', { AWSServiceName: 'vpc-flow-logs.amazonaws.com' });
  await account.call('iam:AddUserToGroup', { GroupName: 'busy', UserName: 'busy' });
  await account.call('iam:CreateAccessKey', { UserName: 'full' });
  await account.call('iam:CreateAccessKey', { UserName: 'full' });
  await account.call('iam:AttachUserPolicy', { UserName: 'full', PolicyArn: arn('used') });
  await account.call('iam:PutGroupPolicy', { GroupName: 'full', PolicyName: 'p', PolicyDocument: anything });
  await account.call('iam:AddRoleToInstanceProfile', { InstanceProfileName: 'bound', RoleName: 'busy' });
  await account.call('iam:CreatePolicyVersion', { PolicyArn: arn('versions'), PolicyDocument: anything });
  for (let version = 2; version <= 5; version++) {
    await account.call('iam:CreatePolicyVersion', { PolicyArn: arn('limit'), PolicyDocument: anything });
  }
  for (let number = 0; number < 10; number++) {
    await make(`many${number}`, 'CreatePolicy', { PolicyName: '', PolicyDocument: anything });
    await account.call('iam:AttachRolePolicy', { RoleName: 'full', PolicyArn: arn(`many${number}`) });
    await make(`many${number}`, 'CreateGroup', { GroupName: '' });
    await account.call('iam:AddUserToGroup', { GroupName: `many${number}`, UserName: 'full' });
  }
});

afterAll(() => account.close());

const protectedRole =
  "UnmodifiableEntity: Cannot perform the operation on the protected role 'AWSServiceRoleForVPCFlowLogs' - " +
  'this role is only modifiable by AWS';
const linked = 'AWSServiceRoleForVPCFlowLogs';
const many = (count: number) =>
  Array.from({ length: count }, (_, number) => ({ Key: `key${number}`, Value: 'v' }));
/** A document that counts more than so many characters. */
const large = (characters: number) => policy(`s3:${'x'.repeat(characters)}`);

describe('what IAM refuses', () => {
  it.each<[action: string, input: object, answer: string]>([
    ['GetUser', { UserName: 'none' }, 'NoSuchEntity: The user with name none cannot be found.'],
    ['GetUser', { UserName: 'BUSY' }, 'NoSuchEntity: The user with name BUSY cannot be found.'],
    ['GetGroup', { GroupName: 'none' }, 'NoSuchEntity: The group with name none cannot be found.'],
    ['GetRole', { RoleName: 'none' }, 'NoSuchEntity: The role with name none cannot be found.'],
    [
      'GetInstanceProfile',
      { InstanceProfileName: 'none' },
      'NoSuchEntity: Instance Profile none cannot be found.',
    ],
    ['GetPolicy', { PolicyArn: arn('none') }, `NoSuchEntity: Policy ${arn('none')} was not found.`],
    [
      'GetPolicy',
      { PolicyArn: 'arn:aws:s3:::a-bucket-name' },
      'InvalidInput: ARN arn:aws:s3:::a-bucket-name is not valid.',
    ],
    [
      'GetPolicyVersion',
      { PolicyArn: arn('used'), VersionId: 'v9' },
      `NoSuchEntity: Policy ${arn('used')} version v9 does not exist or is not attachable.`,
    ],
    [
      'GetUserPolicy',
      { UserName: 'busy', PolicyName: 'none' },
      'NoSuchEntity: The user policy with name none cannot be found.',
    ],
    [
      'GetGroupPolicy',
      { GroupName: 'busy', PolicyName: 'none' },
      'NoSuchEntity: The group policy with name none cannot be found.',
    ],
    [
      'DeleteRolePolicy',
      { RoleName: 'busy', PolicyName: 'none' },
      'NoSuchEntity: The role policy with name none cannot be found.',
    ],
    [
      'GetRolePolicy',
      { RoleName: 'busy', PolicyName: '__proto__' },
      'NoSuchEntity: The role policy with name __proto__ cannot be found.',
    ],
    [
      'DetachRolePolicy',
      { RoleName: 'busy', PolicyArn: readOnly },
      `NoSuchEntity: Policy ${readOnly} was not found.`,
    ],
    [
      'AttachRolePolicy',
      { RoleName: 'busy', PolicyArn: arn('none') },
      `NoSuchEntity: Policy ${arn('none')} does not exist or is not attachable.`,
    ],
    [
      'DeleteAccessKey',
      { UserName: 'busy', AccessKeyId: 'AKIAIOSFODNN7EXAMPLE' },
      'NoSuchEntity: The Access Key with id AKIAIOSFODNN7EXAMPLE cannot be found.',
    ],
    ['GetLoginProfile', { UserName: 'busy' }, 'NoSuchEntity: Login Profile for User busy cannot be found.'],
    ['ListMFADevices', { UserName: 'none' }, 'NoSuchEntity: The user with name none cannot be found.'],
    ['DeleteAccountAlias', { AccountAlias: 'none' }, 'NoSuchEntity: The account alias none cannot be found.'],
    [
      'GetAccountPasswordPolicy',
      {},
      `NoSuchEntity: The Password Policy with domain name ${accountId} cannot be found.`,
    ],
    [
      'GetServiceLinkedRoleDeletionStatus',
      { DeletionTaskId: `task/${rolePath}/${linked}/1` },
      `NoSuchEntity: Deletion id task/${rolePath}/${linked}/1 not found.`,
    ],
    [
      'RemoveRoleFromInstanceProfile',
      { InstanceProfileName: 'empty', RoleName: 'busy' },
      'NoSuchEntity: The role with name busy cannot be found.',
    ],
    [
      'DeleteServiceLinkedRole',
      { RoleName: 'busy' },
      'NoSuchEntity: The role with name busy cannot be found.',
    ],
    [
      'AddUserToGroup',
      { GroupName: 'busy', UserName: 'none' },
      'NoSuchEntity: The user with name none cannot be found.',
    ],

    ['CreateUser', { UserName: 'BUSY' }, 'EntityAlreadyExists: User with name BUSY already exists.'],
    ['CreateGroup', { GroupName: 'busy' }, 'EntityAlreadyExists: Group with name busy already exists.'],
    [
      'CreateRole',
      { RoleName: 'Busy', AssumeRolePolicyDocument: trusted },
      'EntityAlreadyExists: Role with name Busy already exists.',
    ],
    [
      'CreateInstanceProfile',
      { InstanceProfileName: 'busy' },
      'EntityAlreadyExists: Instance Profile busy already exists.',
    ],
    [
      'CreatePolicy',
      { PolicyName: 'Used', Path: '/other/', PolicyDocument: anything },
      'EntityAlreadyExists: A policy called Used already exists. Duplicate names are not allowed.',
    ],
    [
      'UpdateUser',
      { UserName: 'busy', NewUserName: 'IDLE' },
      'EntityAlreadyExists: User with name IDLE already exists.',
    ],
    [
      'UpdateGroup',
      { GroupName: 'busy', NewGroupName: 'full' },
      'EntityAlreadyExists: Group with name full already exists.',
    ],

    [
      'DeleteUser',
      { UserName: 'full' },
      'DeleteConflict: Cannot delete entity, must detach all policies first.',
    ],
    [
      'DeleteUser',
      { UserName: 'busy' },
      'DeleteConflict: Cannot delete entity, must remove users from group first.',
    ],
    [
      'DeleteUser',
      { UserName: 'admin' },
      'DeleteConflict: Cannot delete entity, must detach all policies first.',
    ],
    [
      'DeleteGroup',
      { GroupName: 'full' },
      'DeleteConflict: Cannot delete entity, must delete policies first.',
    ],
    [
      'DeleteGroup',
      { GroupName: 'busy' },
      'DeleteConflict: Cannot delete entity, must remove users from group first.',
    ],
    [
      'DeleteRole',
      { RoleName: 'full' },
      'DeleteConflict: Cannot delete entity, must detach all policies first.',
    ],
    [
      'DeleteRole',
      { RoleName: 'busy' },
      'DeleteConflict: Cannot delete entity, must remove roles from instance profile first.',
    ],
    [
      'DeleteInstanceProfile',
      { InstanceProfileName: 'bound' },
      'DeleteConflict: Cannot delete entity, must remove roles from instance profile first.',
    ],
    [
      'DeletePolicy',
      { PolicyArn: arn('used') },
      'DeleteConflict: Cannot delete a policy attached to entities.',
    ],
    [
      'DeletePolicy',
      { PolicyArn: arn('versions') },
      "DeleteConflict: This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
    ],
    [
      'DeletePolicyVersion',
      { PolicyArn: arn('versions'), VersionId: 'v1' },
      'DeleteConflict: Cannot delete the default version of a policy.',
    ],

    ['CreateAccessKey', { UserName: 'full' }, 'LimitExceeded: Cannot exceed quota for AccessKeysPerUser: 2'],
    [
      'AttachRolePolicy',
      { RoleName: 'full', PolicyArn: readOnly },
      'LimitExceeded: Cannot exceed quota for PoliciesPerRole: 10',
    ],
    [
      'AddUserToGroup',
      { GroupName: 'busy', UserName: 'full' },
      'LimitExceeded: Cannot exceed quota for GroupsPerUser: 10',
    ],
    [
      'CreatePolicyVersion',
      { PolicyArn: arn('limit'), PolicyDocument: anything },
      'LimitExceeded: A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.',
    ],
    [
      'AddRoleToInstanceProfile',
      { InstanceProfileName: 'bound', RoleName: 'full' },
      'LimitExceeded: Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1',
    ],
    [
      'PutUserPolicy',
      { UserName: 'busy', PolicyName: 'p', PolicyDocument: large(2048) },
      'LimitExceeded: Maximum policy size of 2048 bytes exceeded for user busy',
    ],
    [
      'CreatePolicy',
      { PolicyName: 'p', PolicyDocument: large(6144) },
      'LimitExceeded: Cannot exceed quota for PolicySize: 6144',
    ],
    [
      'TagUser',
      { UserName: 'busy', Tags: many(51) },
      'LimitExceeded: The number of tags has reached the maximum limit.',
    ],

    [
      'TagRole',
      {
        RoleName: 'busy',
        Tags: [
          { Key: 'a', Value: '1' },
          { Key: 'A', Value: '2' },
        ],
      },
      'InvalidInput: Duplicate tag keys found. Please note that Tag keys are case insensitive.',
    ],
    [
      'CreateServiceLinkedRole',
      { AWSServiceName: 'vpc-flow-logs.amazonaws.com' },
      `InvalidInput: Service role name ${linked} has been taken in this account, please try a different suffix.`,
    ],
    [
      'AttachUserPolicy',
      {
        UserName: 'busy',
        PolicyArn: 'arn:aws:iam::aws:policy/aws-service-role/AWSVPCFlowLogsServiceRolePolicy',
      },
      'PolicyNotAttachable: Cannot attach a Service Role Policy to a Customer Role: arn:aws:iam::aws:policy/aws-service-role/AWSVPCFlowLogsServiceRolePolicy',
    ],
    ['DeleteRole', { RoleName: linked }, protectedRole],
    ['UpdateAssumeRolePolicy', { RoleName: linked, PolicyDocument: trusted }, protectedRole],
    ['PutRolePolicy', { RoleName: linked, PolicyName: 'p', PolicyDocument: anything }, protectedRole],
    ['AttachRolePolicy', { RoleName: linked, PolicyArn: readOnly }, protectedRole],
    ['PutRolePermissionsBoundary', { RoleName: linked, PermissionsBoundary: readOnly }, protectedRole],
    [
      'DeletePolicy',
      { PolicyArn: readOnly },
      `AccessDenied: User: arn:aws:iam::${accountId}:user/admin is not authorized to perform: iam:DeletePolicy on resource: policy ${readOnly}`,
    ],

    [
      'UpdateAssumeRolePolicy',
      { RoleName: 'busy', PolicyDocument: trust({ AWS: `arn:aws:iam::${accountId}:user/none` }) },
      `MalformedPolicyDocument: Invalid principal in policy: "AWS":"arn:aws:iam::${accountId}:user/none"`,
    ],
    [
      'UpdateAssumeRolePolicy',
      { RoleName: 'busy', PolicyDocument: anything },
      'MalformedPolicyDocument: Has prohibited field Resource',
    ],
    [
      'PutRolePolicy',
      { RoleName: 'busy', PolicyName: 'p', PolicyDocument: '{}' },
      'MalformedPolicyDocument: Syntax errors in policy.',
    ],
    [
      'PutRolePolicy',
      { RoleName: 'busy', PolicyName: 'p', PolicyDocument: trusted },
      'MalformedPolicyDocument: Policy document should not specify a principal.',
    ],
    ['ListUsers', { Marker: 'nonsense' }, 'ValidationError: Invalid Marker.'],
  ])('%s %j', async (action, input, answer) => {
    expect(await account.refusal(`iam:${action}`, input)).toBe(answer);
  });

  it('leaves nothing changed', async () => {
    const { Users } = await account.call('iam:ListUsers');
    expect(Users.map(({ UserName }: { UserName: string }) => UserName)).toEqual([
      'admin',
      'busy',
      'full',
      'idle',
    ]);
    expect((await account.call('iam:GetUser', { UserName: 'busy' })).User).not.toHaveProperty('Tags');
  });
});
