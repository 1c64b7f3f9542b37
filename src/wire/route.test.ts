import { describe, expect, it } from 'vitest';
import { ServiceError } from '../fault/index.ts';
import type { WireRequest } from './http.ts';
import { serviceModel, serviceNames } from './models.ts';
import { dialectOf, route, unsupported } from './route.ts';

function request(parts: {
  readonly method?: string;
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}): WireRequest {
  const { method = 'POST', url = '/', headers = {}, body = '' } = parts;
  return { method, url, headers: Object.entries(headers), body: Buffer.from(body) };
}

const rpc = { 'smithy-protocol': 'rpc-v2-cbor' };
const target = (name: string) => ({ 'X-Amz-Target': name });

describe('route', () => {
  it.each([
    {
      what: 'an action of EC2',
      given: request({ body: 'Action=DescribeVpcs&Version=2016-11-15' }),
      signedAs: 'ec2',
      routed: 'ec2:DescribeVpcs by ec2',
    },
    {
      what: 'an action in the query string',
      given: request({ method: 'GET', url: '/?Version=2016-11-15&Action=DescribeVpcs&X-Amz-Date=20260101' }),
      signedAs: 'ec2',
      routed: 'ec2:DescribeVpcs by ec2',
    },
    {
      what: 'an action in the query string of a POST without a body',
      given: request({ url: '/?Action=GetCallerIdentity&Version=2011-06-15' }),
      signedAs: 'sts',
      routed: 'sts:GetCallerIdentity by query',
    },
    {
      what: 'another version of the API',
      given: request({ body: 'Version=2013-10-15&Action=DescribeVpcs' }),
      signedAs: 'ec2',
      routed: 'ec2:DescribeVpcs by ec2',
    },
    {
      what: 'a target',
      given: request({ headers: target('Logs_20140328.DescribeLogGroups') }),
      signedAs: 'logs',
      routed: 'logs:DescribeLogGroups by json',
    },
    {
      what: "a target of CloudWatch's",
      given: request({ headers: target('GraniteServiceVersion20100801.ListMetrics') }),
      signedAs: 'monitoring',
      routed: 'cloudwatch:ListMetrics by json',
    },
    {
      what: 'CloudWatch by query',
      given: request({ body: 'Action=ListMetrics&Version=2010-08-01' }),
      signedAs: 'monitoring',
      routed: 'cloudwatch:ListMetrics by query',
    },
    {
      what: 'a path of RPC v2',
      given: request({ url: '/service/GraniteServiceVersion20100801/operation/ListMetrics', headers: rpc }),
      signedAs: 'monitoring',
      routed: 'cloudwatch:ListMetrics by cbor',
    },
    {
      what: 'a path of REST',
      given: request({ url: '/ListSinks', body: '{}' }),
      signedAs: 'oam',
      routed: 'oam:ListSinks by json',
    },
  ])('finds $what', ({ given, signedAs, routed }) => {
    const { service, operation, protocol } = route(given, signedAs);
    expect(`${service.name}:${operation.name} by ${protocol}`).toBe(routed);
  });

  it.each([
    {
      what: 'an action that EC2 does not have',
      given: request({ body: 'Action=DescribeNothing' }),
      signedAs: 'ec2',
      fault: 'InvalidAction: The action DescribeNothing is not valid for this web service.',
      protocol: 'ec2',
    },
    {
      what: 'an inherited name',
      given: request({ body: 'Action=constructor&Version=2010-05-08' }),
      signedAs: 'iam',
      fault: 'InvalidAction: Could not find operation constructor for version 2010-05-08',
      protocol: 'query',
    },
    {
      what: 'a version that IAM does not have',
      given: request({ body: 'Action=ListUsers&Version=2016-11-15' }),
      signedAs: 'iam',
      fault: 'InvalidAction: Could not find operation ListUsers for version 2016-11-15',
      protocol: 'query',
    },
    {
      what: 'no version',
      given: request({ body: 'Action=ListUsers' }),
      signedAs: 'iam',
      fault: 'InvalidAction: Could not find operation ListUsers for version NO_VERSION_SPECIFIED',
      protocol: 'query',
    },
    {
      what: 'a target that is not posted',
      given: request({ method: 'GET', headers: target('Logs_20140328.DescribeLogGroups') }),
      signedAs: 'logs',
      fault: 'UnknownOperationException: The operation DescribeLogGroups is not known.',
      protocol: 'json',
    },
    {
      what: 'no action',
      given: request({ body: 'Version=2016-11-15' }),
      signedAs: 'ec2',
      fault: 'MissingAction: The request is missing an Action parameter.',
      protocol: 'ec2',
    },
    {
      what: 'a target of a service that is not served',
      given: request({ headers: target('DynamoDB_20120810.ListTables') }),
      signedAs: 'dynamodb',
      fault: 'UnknownOperationException: The operation ListTables is not known.',
      protocol: 'json',
    },
    {
      what: 'a service that is not served',
      given: request({ body: 'Action=ListTopics' }),
      signedAs: 'sns',
      fault: 'InvalidAction: The action ListTopics is not valid for this web service.',
      protocol: 'ec2',
    },
    {
      what: 'RPC v2 of a service that does not speak it',
      given: request({ url: '/service/Logs_20140328/operation/DescribeLogGroups', headers: rpc }),
      signedAs: 'logs',
      fault: 'UnknownOperationException: The operation DescribeLogGroups is not known.',
      protocol: 'cbor',
    },
    {
      what: 'RPC v2 that does not say so',
      given: request({ url: '/service/GraniteServiceVersion20100801/operation/ListMetrics' }),
      signedAs: 'monitoring',
      fault: 'UnknownOperationException: The operation ListMetrics is not known.',
      protocol: 'cbor',
    },
    {
      what: 'a path that REST does not have',
      given: request({ url: '/ListNothing' }),
      signedAs: 'oam',
      fault: 'UnknownOperationException: The operation /ListNothing is not known.',
      protocol: 'json',
    },
    {
      what: 'logs without a target',
      given: request({ body: '{}' }),
      signedAs: 'logs',
      fault: 'UnknownOperationException: The operation without a target is not known.',
      protocol: 'json',
    },
    {
      what: 'nothing at all',
      given: request({}),
      signedAs: undefined,
      fault: 'MissingAction: The request is missing an Action parameter.',
      protocol: 'ec2',
    },
  ])('refuses $what', ({ given, signedAs, fault, protocol }) => {
    expect(dialectOf(given, signedAs).protocol).toBe(protocol);
    expect(faultOf(() => route(given, signedAs))).toBe(fault);
  });

  it('says of a known action that Headgate does not have it', () => {
    const routed = route(request({ body: 'Action=DescribeVpcs' }), 'ec2');
    expect(unsupported(routed)).toMatchObject({
      code: 'UnsupportedOperation',
      message: 'Headgate does not support ec2:DescribeVpcs.',
    });
  });
});

describe('models', () => {
  it.each(serviceNames.filter((name) => name !== 's3control'))(
    '%s is found by the name that its requests are signed for',
    (name) => {
      const model = serviceModel(name);
      const { service } = dialectOf(request({}), model.signingName);
      expect(service).toBe(model);
      if (model.targetPrefix === undefined) return;
      expect(dialectOf(request({ headers: target(`${model.targetPrefix}.X`) })).service).toBe(model);
    },
  );
});

function faultOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof ServiceError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'none';
}
