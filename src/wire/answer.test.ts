import { describe, expect, it } from 'vitest';
import { ServiceError } from '../fault/index.ts';
import { encodeError, encodeOutput } from './answer.ts';
import { serviceModel } from './models.ts';
import type { Protocol, Routed } from './routed.ts';

function routed(protocol: Protocol, service: string, name: string): Routed {
  const model = serviceModel(service);
  return { protocol, service: model, operation: model.operation(name)! };
}

const text = (body: string | Uint8Array): string => body.toString();
const ec2Head = '<?xml version="1.0" encoding="UTF-8"?>\n';
const ec2Space = 'xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"';
const iamSpace = 'xmlns="https://iam.amazonaws.com/doc/2010-05-08/"';

describe('encodeOutput', () => {
  it.each([
    {
      what: 'EC2: lists, empty ones, times, members of ours',
      to: routed('ec2', 'ec2', 'DescribeFlowLogs'),
      output: {
        FlowLogs: [
          {
            FlowLogId: 'fl-1',
            CreationTime: '2026-01-02T03:04:05.678Z',
            LogFormat: '<a & "b">\r\u0001',
            Tags: [],
            ownMember: 1,
            NextToken: undefined,
          },
        ],
      },
      body:
        `${ec2Head}<DescribeFlowLogsResponse ${ec2Space}><requestId>r-1</requestId><flowLogSet><item>` +
        '<creationTime>2026-01-02T03:04:05.678Z</creationTime><flowLogId>fl-1</flowLogId>' +
        '<logFormat>&lt;a &amp; &quot;b&quot;&gt;&#xD;\ufffd</logFormat><tagSet/></item></flowLogSet>' +
        '</DescribeFlowLogsResponse>',
    },
    {
      what: 'EC2: nothing to tell',
      to: routed('ec2', 'ec2', 'DeleteVpc'),
      output: undefined,
      body: `${ec2Head}<DeleteVpcResponse ${ec2Space}><requestId>r-1</requestId><return>true</return></DeleteVpcResponse>`,
    },
    {
      what: 'query: epoch milliseconds, empty texts',
      to: routed('query', 'iam', 'GetUser'),
      output: { User: { UserName: '', CreateDate: 1_700_000_000_000, Tags: [{ Key: 'k', Value: 'v' }] } },
      body:
        `<GetUserResponse ${iamSpace}><GetUserResult><User><UserName/>` +
        '<CreateDate>2023-11-14T22:13:20Z</CreateDate><Tags><member><Key>k</Key><Value>v</Value></member></Tags>' +
        '</User></GetUserResult><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></GetUserResponse>',
    },
    {
      what: 'query: nothing to tell',
      to: routed('query', 'iam', 'DeleteUser'),
      output: {},
      body: `<DeleteUserResponse ${iamSpace}><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></DeleteUserResponse>`,
    },
    {
      what: 'JSON',
      to: routed('json', 'logs', 'DescribeLogGroups'),
      output: { logGroups: [{ logGroupName: 'g', creationTime: 5, own: 1 }, undefined], nextToken: null },
      body: '{"logGroups":[{"logGroupName":"g","creationTime":5}]}',
    },
    { what: 'JSON without an output', to: routed('json', 'logs', 'CreateLogGroup'), output: {}, body: '' },
  ])('$what', ({ to, output, body }) => {
    const answer = encodeOutput(to, output, 'r-1');
    expect(text(answer.body)).toBe(body);
    expect(answer.status).toBe(200);
    expect(answer.headers['x-amzn-requestid']).toBe('r-1');
  });

  it('throws for what is no time: a mistake of ours', () => {
    const to = routed('query', 'iam', 'GetUser');
    expect(() => encodeOutput(to, { User: { CreateDate: 'soon' } }, 'r-1')).toThrow('bug: soon is a time');
  });
});

describe('encodeError', () => {
  it.each([
    {
      what: 'EC2',
      to: routed('ec2', 'ec2', 'DescribeVpcs'),
      error: new ServiceError('InvalidVpcID.NotFound', "The vpc ID '<x>' does not exist"),
      status: 400,
      body:
        `${ec2Head}<Response><Errors><Error><Code>InvalidVpcID.NotFound</Code>` +
        "<Message>The vpc ID '&lt;x&gt;' does not exist</Message></Error></Errors><RequestID>r-1</RequestID></Response>",
    },
    {
      what: 'what all of AWS has',
      to: routed('ec2', 'ec2', 'DescribeVpcs'),
      error: new ServiceError('UnauthorizedOperation', 'No.'),
      status: 403,
      body: undefined,
    },
    {
      what: 'a dry run',
      to: routed('ec2', 'ec2', 'DescribeVpcs'),
      error: new ServiceError('DryRunOperation', 'Yes.'),
      status: 412,
      body: undefined,
    },
    {
      what: "query, with the model's status",
      to: routed('query', 'iam', 'GetUser'),
      error: new ServiceError('NoSuchEntity', 'No.'),
      status: 404,
      body:
        `<ErrorResponse ${iamSpace}><Error><Type>Sender</Type><Code>NoSuchEntity</Code>` +
        '<Message>No.</Message></Error><RequestId>r-1</RequestId></ErrorResponse>',
    },
    {
      what: "query, by the name of the error's shape",
      to: routed('query', 'iam', 'GetUser'),
      error: new ServiceError('ServiceFailureException', 'No.'),
      status: 500,
      body:
        `<ErrorResponse ${iamSpace}><Error><Type>Receiver</Type><Code>ServiceFailure</Code>` +
        '<Message>No.</Message></Error><RequestId>r-1</RequestId></ErrorResponse>',
    },
    {
      what: 'JSON, with members',
      to: routed('json', 'logs', 'PutLogEvents'),
      error: new ServiceError('InvalidSequenceTokenException', 'No.', {
        members: { expectedSequenceToken: '7', other: 1 },
      }),
      status: 400,
      body: '{"expectedSequenceToken":"7","__type":"InvalidSequenceTokenException","message":"No."}',
    },
    {
      what: 'a status of its own',
      to: routed('json', 'logs', 'PutLogEvents'),
      error: new ServiceError('AccessDeniedException', 'No.', { status: 418 }),
      status: 418,
      body: '{"__type":"AccessDeniedException","message":"No."}',
    },
    {
      what: 'nothing understood',
      to: undefined,
      error: new ServiceError('ServiceUnavailable', 'Later.'),
      status: 503,
      body:
        `${ec2Head}<Response><Errors><Error><Code>ServiceUnavailable</Code>` +
        '<Message>Later.</Message></Error></Errors><RequestID>r-1</RequestID></Response>',
    },
    {
      what: 'no service, but JSON',
      to: { protocol: 'json', service: undefined } as const,
      error: new ServiceError('UnknownOperationException', 'No.'),
      status: 400,
      body: '{"__type":"UnknownOperationException","message":"No."}',
    },
  ])('$what', ({ to, error, status, body }) => {
    const answer = encodeError(to, error, 'r-1');
    expect(answer.status).toBe(status);
    if (body !== undefined) expect(text(answer.body)).toBe(body);
  });

  it('tells the old codes of services that once spoke query', () => {
    const error = new ServiceError('InvalidParameterValue', 'No.');
    const { headers, body } = encodeError(routed('json', 'cloudwatch', 'ListMetrics'), error, 'r-1');
    expect(headers['x-amzn-query-error']).toBe('InvalidParameterValue;Sender');
    expect(text(body)).toContain('"__type":"InvalidParameterValueException"');
  });
});
