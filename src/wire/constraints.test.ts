import { describe, expect, it } from 'vitest';
import { ServiceError } from '../fault/index.ts';
import { checkInput } from './constraints.ts';
import { serviceModel, serviceNames } from './models.ts';
import { fits } from './pattern.ts';
import type { Protocol } from './routed.ts';

const protocols: Readonly<Record<string, Protocol>> = { ec2: 'ec2', iam: 'query', sts: 'query' };

function check(service: string, operation: string, input: object): string {
  const model = serviceModel(service);
  const protocol = protocols[service] ?? 'json';
  try {
    checkInput({ protocol, service: model, operation: model.operation(operation)! }, input);
    return 'sound';
  } catch (error) {
    if (error instanceof ServiceError) return `${error.code}: ${error.message}`;
    throw error;
  }
}

describe('EC2', () => {
  it.each([
    { operation: 'DescribeVpcs', input: {}, said: 'sound' },
    {
      operation: 'DescribeVpcAttribute',
      input: { Attribute: 'enableDnsSupport' },
      said: 'MissingParameter: The request must contain the parameter vpcId',
    },
    {
      operation: 'CreateFlowLogs',
      input: { ResourceType: 'VPC' },
      said: 'MissingParameter: The request must contain the parameter resourceIdSet',
    },
    {
      operation: 'DescribeVpcs',
      input: { MaxResults: 1 },
      said: 'InvalidParameterValue: Value ( 1 ) for parameter maxResults is invalid. Expecting a value greater than 5.',
    },
    {
      operation: 'CreateVpc',
      input: { CidrBlock: '10.0.0.0/16', InstanceTenancy: 'odd' },
      said: 'InvalidParameterValue: Value (odd) for parameter instanceTenancy is invalid.',
    },
    {
      operation: 'RunInstances',
      input: { InstanceType: 'z9.huge', MinCount: 1, MaxCount: 1 },
      said: 'sound',
    },
  ])('$operation $input', ({ operation, input, said }) => {
    expect(check('ec2', operation, input)).toBe(said);
  });
});

describe('query', () => {
  const pattern = '[\\w+=,.@-]+';

  it.each([
    { operation: 'CreateUser', input: { UserName: 'a' }, said: 'sound' },
    {
      operation: 'CreateUser',
      input: {},
      said: "ValidationError: 1 validation error detected: Value null at 'userName' failed to satisfy constraint: Member must not be null",
    },
    {
      operation: 'CreateUser',
      input: { UserName: 'a b', Path: 'x' },
      said:
        "ValidationError: 2 validation errors detected: Value 'x' at 'path' failed to satisfy constraint: " +
        'Member must satisfy regular expression pattern: (\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F); ' +
        `Value 'a b' at 'userName' failed to satisfy constraint: Member must satisfy regular expression pattern: ${pattern}`,
    },
    {
      operation: 'GetRole',
      input: { RoleName: 'role/path' },
      said: 'ValidationError: The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-',
    },
    {
      operation: 'GetRole',
      input: { RoleName: 'r'.repeat(65) },
      said: `ValidationError: 1 validation error detected: Value '${'r'.repeat(65)}' at 'roleName' failed to satisfy constraint: Member must have length less than or equal to 64`,
    },
    {
      operation: 'GetRole',
      input: { RoleName: '' },
      said: "ValidationError: 2 validation errors detected: Value '' at 'roleName' failed to satisfy constraint: Member must have length greater than or equal to 1; Value '' at 'roleName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]+",
    },
    {
      operation: 'TagRole',
      input: { RoleName: 'r', Tags: [{ Key: 'k', Value: 'v' }, { Value: 'v' }] },
      said: "ValidationError: 1 validation error detected: Value null at 'tags.2.member.key' failed to satisfy constraint: Member must not be null",
    },
  ])('$operation $input', ({ operation, input, said }) => {
    expect(check('iam', operation, input)).toBe(said);
  });
});

describe('JSON', () => {
  it.each([
    {
      operation: 'DescribeLogGroups',
      input: { limit: 51, logGroupNamePrefix: '' },
      said:
        "InvalidParameterException: 3 validation errors detected: Value '' at 'logGroupNamePrefix' failed to satisfy constraint: " +
        "Member must have length greater than or equal to 1; Value '' at 'logGroupNamePrefix' failed to satisfy constraint: " +
        'Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+; ' +
        "Value '51' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 50",
    },
    {
      operation: 'PutLogEvents',
      input: {
        logGroupName: 'g',
        logStreamName: 's',
        logEvents: [{ timestamp: 1, message: '' }, null],
      },
      said:
        "InvalidParameterException: 2 validation errors detected: Value '' at 'logEvents.1.member.message' failed to satisfy " +
        "constraint: Member must have length greater than or equal to 1; Value null at 'logEvents.2.member' failed to satisfy " +
        'constraint: Member must not be null',
    },
    {
      operation: 'FilterLogEvents',
      input: { logGroupName: 'g', logStreamNames: ['a', ''] },
      said:
        "InvalidParameterException: 1 validation error detected: Value '[a, ]' at 'logStreamNames' failed to satisfy constraint: " +
        'Member must satisfy constraint: [Member must have length less than or equal to 512, ' +
        'Member must have length greater than or equal to 1, ' +
        'Member must satisfy regular expression pattern: [^:*]*]',
    },
  ])('$operation $input', ({ operation, input, said }) => {
    expect(check('logs', operation, input)).toBe(said);
  });

  it('reports a hundred faults at most, with values cut', () => {
    const logEvents = Array.from({ length: 10_000 }, () => ({ timestamp: 1, message: '' }));
    const said = check('logs', 'PutLogEvents', {
      logGroupName: 'x'.repeat(100_000),
      logStreamName: 's',
      logEvents,
    });
    expect(said).toMatch(/^InvalidParameterException: 100 validation errors detected: /);
    expect(said.length).toBeLessThan(20_000);
  });
});

describe('patterns', () => {
  const patterns = serviceNames.flatMap((name) => patternsOf(name));

  it('there are some', () => {
    expect(new Set(patterns).size).toBeGreaterThan(40);
  });

  it.each([...new Set(patterns)])('%s is understood, and fails soon', (pattern) => {
    const start = process.cpuUsage();
    for (const hostile of ['a'.repeat(2000), '/a'.repeat(1000), '-'.repeat(2000), `a${'|a'.repeat(1000)}`]) {
      fits(`${hostile}\n\u0000`, pattern);
    }
    expect(cpuMsSince(start)).toBeLessThan(500);
  });
});

function patternsOf(name: string): string[] {
  const model = serviceModel(name);
  const found: string[] = [];
  const seen = new Set<unknown>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return;
    seen.add(value);
    if ('pattern' in value) found.push(String(value.pattern));
    for (const held of Object.values(value)) visit(held);
  };
  for (const operation of model.operationNames) visit(model.operation(operation)?.input);
  return found;
}

/** Of this process: others that are busy do not count. */
function cpuMsSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}
