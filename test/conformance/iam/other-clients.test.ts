import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trust } from '../../open-account.ts';
import { isLong } from '../../runs.ts';
import { isRemote, ServedAccount } from '../server.ts';

const run = promisify(execFile);

/** The AWS CLIs and interpreters of Python that are here: Debian's, that of PyPI. */
const commandLines = await present(['aws', '/usr/bin/aws'], ['--version']);
const pythons = await present(['python3', '/usr/bin/python3'], ['-c', 'import boto3']);

async function present(programs: readonly string[], args: string[]): Promise<string[]> {
  const found = await Promise.all(
    programs.map((program) =>
      run(program, args).then(
        () => [program],
        () => [],
      ),
    ),
  );
  return found.flat();
}

let served: ServedAccount;

beforeAll(async () => {
  served = await ServedAccount.open();
});

afterAll(() => served.close());

function environment(): NodeJS.ProcessEnv {
  const { credentials, region, endpoint } = served.client();
  return {
    PATH: process.env.PATH,
    HOME: '/nonexistent',
    AWS_ACCESS_KEY_ID: credentials?.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials?.secretAccessKey,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ENDPOINT_URL: endpoint,
    AWS_PAGER: '',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

// Programs of others start slowly: `npm run test:long` runs them.
describe.skipIf(isRemote || !isLong)('AWS CLI', () => {
  if (commandLines.length === 0) it.skip('is not installed');

  it.each(commandLines)(
    '%s makes a role, shows it, and takes it away',
    { timeout: 60_000 },
    async (program) => {
      const { endpoint = '' } = served.client();
      const aws = async (...args: string[]) => {
        const options = { env: environment() };
        const asked = ['--endpoint-url', endpoint, '--output', 'json', ...args];
        const { stdout } = await run(program, asked, options);
        return stdout === '' ? undefined : JSON.parse(stdout);
      };
      const { Arn } = await aws('sts', 'get-caller-identity');
      expect(Arn).toBe(`arn:aws:iam::${served.accountId}:user/admin`);
      const name = served.name('role');
      const ofRole = ['--role-name', name];
      const document = trust({ Service: 'vpc-flow-logs.amazonaws.com' });
      await aws(
        'iam',
        'create-role',
        ...ofRole,
        '--assume-role-policy-document',
        document,
        '--tags',
        'Key=a,Value=b',
      );
      const { Role } = await aws('iam', 'get-role', ...ofRole);
      expect(Role).toMatchObject({
        RoleName: name,
        AssumeRolePolicyDocument: JSON.parse(document),
        Tags: [{ Key: 'a', Value: 'b' }],
      });
      await aws('iam', 'delete-role', ...ofRole);
      await expect(aws('iam', 'get-role', ...ofRole)).rejects.toThrow(
        `An error occurred (NoSuchEntity) when calling the GetRole operation: The role with name ${name} cannot be found.`,
      );
    },
  );
});

const pythonProgram = `
import boto3, json, os, sys
endpoint, name, trust = sys.argv[1:]
iam = boto3.client('iam', endpoint_url=endpoint)
sts = boto3.client('sts', endpoint_url=endpoint)
user = iam.create_user(UserName=name, Path='/python/')['User']
arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)['Role']['Arn']
given = sts.assume_role(RoleArn=arn, RoleSessionName='boto')['Credentials']
session = boto3.client('sts', endpoint_url=endpoint, aws_access_key_id=given['AccessKeyId'],
    aws_secret_access_key=given['SecretAccessKey'], aws_session_token=given['SessionToken'])
who = session.get_caller_identity()['Arn']
pages = [len(page['Users']) for page in iam.get_paginator('list_users').paginate(PaginationConfig={'PageSize': 1})]
try:
    iam.create_user(UserName=name)
    code = None
except iam.exceptions.EntityAlreadyExistsException as error:
    code = error.response['Error']['Code']
document = iam.get_role(RoleName=name)['Role']['AssumeRolePolicyDocument']
iam.delete_role(RoleName=name)
iam.delete_user(UserName=name)
print(json.dumps({'user': user['Arn'], 'who': who, 'pages': pages, 'code': code, 'document': document}))
`;

describe.skipIf(isRemote || !isLong)('boto3', () => {
  if (pythons.length === 0) it.skip('is not installed');

  it.each(pythons)('%s makes a user and a role, and assumes it', { timeout: 60_000 }, async (program) => {
    const { endpoint = '' } = served.client();
    const name = served.name('boto');
    const document = trust({ AWS: served.accountId });
    const args = ['-W', 'ignore', '-c', pythonProgram, endpoint, name, document];
    const { stdout } = await run(program, args, { env: environment() });
    expect(JSON.parse(stdout)).toEqual({
      user: `arn:aws:iam::${served.accountId}:user/python/${name}`,
      who: `arn:aws:sts::${served.accountId}:assumed-role/${name}/boto`,
      pages: [1, 1],
      code: 'EntityAlreadyExists',
      document: JSON.parse(document),
    });
  });
});
