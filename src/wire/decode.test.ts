import { describe, expect, it } from 'vitest';
import { ServiceError } from '../fault/index.ts';
import { decodeInput } from './decode.ts';
import { route } from './route.ts';

const versions = { ec2: '2016-11-15', iam: '2010-05-08', sts: '2011-06-15' } as const;

function fromForm(service: keyof typeof versions, form: string): unknown {
  const body = Buffer.from(`Version=${versions[service]}&${form}`);
  const request = { method: 'POST', url: '/', headers: [], body };
  return decodeInput(route(request, service), request.body);
}

function fromJson(operation: string, body: string | Uint8Array): unknown {
  const headers = [['X-Amz-Target', `Logs_20140328.${operation}`]] as const;
  const request = { method: 'POST', url: '/', headers, body: Buffer.from(body) };
  return decodeInput(route(request, 'logs'), request.body);
}

function faultOf(act: () => unknown): string {
  try {
    return JSON.stringify(act());
  } catch (error) {
    if (error instanceof ServiceError) return `${error.code}: ${error.message}`;
    throw error;
  }
}

describe("EC2's parameters", () => {
  it.each([
    {
      what: 'lists and structures',
      form: 'Action=DescribeVpcs&Filter.1.Name=cidr&Filter.1.Value.1=10.0.0.0%2F16&Filter.1.Value.2=a+b&VpcId.1=vpc-1',
      input: {
        Filters: [{ Name: 'cidr', Values: ['10.0.0.0/16', 'a b'] }],
        VpcIds: ['vpc-1'],
      },
    },
    {
      what: 'lists by their numbers, with gaps',
      form: 'Action=DescribeVpcs&VpcId.10=c&VpcId.2=b&VpcId.1=a&VpcId.x=no',
      input: { VpcIds: ['a', 'b', 'c'] },
    },
    {
      what: 'plain values',
      form: 'Action=DescribeVpcs&MaxResults=7&DryRun=true&NextToken=',
      input: { MaxResults: 7, DryRun: true, NextToken: '' },
    },
    {
      what: 'what the model does not have',
      form: 'Action=DescribeVpcs&Future=1&__proto__=2&__proto__.x=3&constructor.1=4',
      input: {},
    },
    {
      what: 'attributes that are structures',
      form: 'Action=ModifyVpcAttribute&VpcId=vpc-1&EnableDnsSupport.Value=false',
      input: { VpcId: 'vpc-1', EnableDnsSupport: { Value: false } },
    },
    { what: 'empty pairs', form: '&&Action=DescribeVpcs&&DryRun=false&', input: { DryRun: false } },
  ])('$what', ({ form, input }) => {
    expect(fromForm('ec2', form)).toEqual(input);
  });

  it.each([
    {
      what: 'a number that is none',
      form: 'Action=DescribeVpcs&MaxResults=seven',
      fault: 'InvalidParameterValue: Value (seven) for parameter maxResults is invalid.',
    },
    {
      what: 'a number beyond 32 bits',
      form: 'Action=DescribeVpcs&MaxResults=2147483648',
      fault: 'InvalidParameterValue: Value (2147483648) for parameter maxResults is invalid.',
    },
    {
      what: 'a boolean that is none',
      form: 'Action=DescribeVpcs&DryRun=maybe',
      fault: 'InvalidParameterValue: Value (maybe) for parameter dryRun is invalid.',
    },
    {
      what: 'a name that is given twice',
      form: 'Action=DescribeVpcs&DryRun=true&DryRun=true',
      fault: 'MalformedQueryString: The parameter DryRun may be specified only once.',
    },
    {
      what: 'a wrong escape',
      form: 'Action=DescribeVpcs&NextToken=%E0%A4%A',
      fault: 'MalformedQueryString: The query string contains a syntax error.',
    },
    {
      what: 'a deep name',
      form: `Action=DescribeVpcs&${'a.'.repeat(40)}b=1`,
      fault: `MalformedQueryString: The parameter ${'a.'.repeat(40)}b is nested too deeply.`,
    },
    {
      what: 'very many parameters',
      form: `Action=DescribeVpcs&${Array.from({ length: 20_000 }, (_, n) => `a${n}=`).join('&')}`,
      fault: 'MalformedQueryString: The request has more than 20000 parameters.',
    },
  ])('refuses $what', ({ form, fault }) => {
    expect(faultOf(() => fromForm('ec2', form))).toBe(fault);
  });
});

describe("query's parameters", () => {
  it.each([
    {
      what: 'lists',
      service: 'iam',
      form: 'Action=TagRole&RoleName=r&Tags.member.1.Key=a&Tags.member.1.Value=&Tags.member.2.Key=b',
      input: { RoleName: 'r', Tags: [{ Key: 'a', Value: '' }, { Key: 'b' }] },
    },
    {
      what: 'an empty list',
      service: 'iam',
      form: 'Action=UntagRole&RoleName=r&TagKeys=',
      input: { RoleName: 'r', TagKeys: [] },
    },
    {
      what: 'numbers',
      service: 'sts',
      form: 'Action=AssumeRole&DurationSeconds=900',
      input: { DurationSeconds: 900 },
    },
  ] as const)('$what', ({ service, form, input }) => {
    expect(fromForm(service, form)).toEqual(input);
  });

  it('refuses a number that is none', () => {
    expect(faultOf(() => fromForm('sts', 'Action=AssumeRole&DurationSeconds=long'))).toBe(
      'MalformedInput: STRING_VALUE can not be converted to an Integer',
    );
  });
});

describe('JSON', () => {
  const deep = `{"logGroupName":"g","x":${'['.repeat(40)}${']'.repeat(40)}}`;

  it.each([
    { what: 'an empty body', body: '', input: {} },
    {
      what: 'what the model has',
      body: '{"logGroupName":"g","tags":{"a":"b","__proto__":"c"},"future":{"x":[1]},"kmsKeyId":null}',
      input: {
        logGroupName: 'g',
        tags: Object.fromEntries([
          ['a', 'b'],
          ['__proto__', 'c'],
        ]),
      },
    },
    { what: 'brackets in texts', body: '{"logGroupName":"[[\\\\\\"{{"}', input: { logGroupName: '[[\\"{{' } },
    {
      what: 'the last of two',
      body: '{"logGroupName":"a","logGroupName":"b"}',
      input: { logGroupName: 'b' },
    },
  ])('$what', ({ body, input }) => {
    expect(fromJson('CreateLogGroup', body)).toEqual(input);
  });

  it.each([
    { body: '{"logGroupName":7}', fault: 'NUMBER_VALUE can not be converted to a String' },
    { body: '{"logGroupName":true}', fault: 'TRUE_VALUE can not be converted to a String' },
    { body: '{"logGroupName":["a"]}', fault: 'Start of list found where not expected' },
    { body: '{"logGroupName":{}}', fault: 'Start of structure or map found where not expected.' },
    { body: '{"tags":["a"]}', fault: 'Start of list found where not expected' },
    { body: '{"tags":"a"}', fault: 'Expected map or null' },
    { body: '{"tags":{"a":1}}', fault: 'NUMBER_VALUE can not be converted to a String' },
    { body: '[]', fault: 'Start of list found where not expected' },
    { body: 'null ', fault: undefined },
    { body: '{"logGroupName":NaN}', fault: 'Unexpected token in the request: it is not JSON.' },
    { body: '{"logGroupName":"g"', fault: 'Unexpected token in the request: it is not JSON.' },
    { body: deep, fault: 'The request is nested too deeply.' },
    { body: Buffer.from([0x7b, 0xff, 0x7d]), fault: 'The request is not valid UTF-8.' },
  ])('$body: $fault', ({ body, fault }) => {
    const said = fault === undefined ? '{}' : `SerializationException: ${fault}`;
    expect(faultOf(() => fromJson('CreateLogGroup', body))).toBe(said);
  });

  it.each([
    { limit: '10', said: '{"limit":10}' },
    { limit: '"10"', said: 'SerializationException: STRING_VALUE can not be converted to an Integer' },
    { limit: '1.5', said: 'SerializationException: NUMBER_VALUE can not be converted to an Integer' },
    { limit: '1e10', said: 'SerializationException: NUMBER_VALUE can not be converted to an Integer' },
    { limit: '-0', said: '{"limit":0}' },
  ])('a limit of $limit', ({ limit, said }) => {
    expect(faultOf(() => fromJson('DescribeLogGroups', `{"limit":${limit}}`))).toBe(said);
  });

  it('longs up to 64 bits', () => {
    const read = (time: string) => faultOf(() => fromJson('FilterLogEvents', `{"startTime":${time}}`));
    expect(read('9223372036854775807')).toBe('{"startTime":9007199254740991}');
    expect(read('1e300')).toBe('SerializationException: NUMBER_VALUE can not be converted to a Long');
  });
});
