import { Readable } from 'node:stream';
import { SmithyRpcV2CborProtocol } from '@smithy/core/cbor';
import { describe, expect, it } from 'vitest';
import { ServiceError } from '../src/fault/index.ts';
import { encodeEvents, isEventStream } from '../src/wire/index.ts';
import { sdkOverWire } from './sdk-over-wire.ts';

describe("errors, as the SDK's clients understand them", () => {
  it.each([
    {
      service: 'ec2',
      signingName: 'ec2',
      operation: 'DescribeVpcs',
      code: 'InvalidVpcID.NotFound',
      name: 'InvalidVpcID.NotFound',
      status: 400,
    },
    {
      service: 'iam',
      signingName: 'iam',
      operation: 'GetUser',
      code: 'NoSuchEntity',
      name: 'NoSuchEntityException',
      status: 404,
    },
    {
      service: 'sts',
      signingName: 'sts',
      operation: 'GetCallerIdentity',
      code: 'ExpiredToken',
      name: 'ExpiredToken',
      status: 400,
    },
    {
      service: 'logs',
      signingName: 'logs',
      operation: 'DescribeLogGroups',
      code: 'ResourceNotFoundException',
      name: 'ResourceNotFoundException',
      status: 400,
    },
    {
      service: 'logs',
      signingName: 'logs',
      operation: 'DescribeLogGroups',
      code: 'ServiceUnavailableException',
      name: 'ServiceUnavailableException',
      status: 500,
    },
    {
      service: 'cloudwatch',
      signingName: 'monitoring',
      operation: 'ListMetrics',
      code: 'InvalidParameterValue',
      name: 'InvalidParameterValueException',
      status: 400,
    },
  ])('$service: $code', async ({ service, signingName, operation, code, name, status }) => {
    const { end, call } = sdkOverWire(service, signingName);
    end.answer = { error: new ServiceError(code, 'The sentence, <escaped> & whole.') };
    const caught = await call(operation, {}).catch((error: unknown) => error);
    expect(caught).toMatchObject({
      name,
      message: 'The sentence, <escaped> & whole.',
      $metadata: { httpStatusCode: status, requestId: 'request-1' },
    });
  });

  it('has the members of its shape', async () => {
    const { end, call } = sdkOverWire('logs', 'logs');
    const queryCompileError = { location: { startCharOffset: 3, endCharOffset: 5 }, message: 'here' };
    end.answer = {
      error: new ServiceError('MalformedQueryException', 'No.', { members: { queryCompileError } }),
    };
    const asked = { startTime: 1, endTime: 2, queryString: 'x' };
    await expect(call('StartQuery', asked)).rejects.toMatchObject({ queryCompileError });
  });
});

describe('RPC v2 CBOR', () => {
  const protocol = new SmithyRpcV2CborProtocol({
    defaultNamespace: 'com.amazonaws.cloudwatch',
    errorTypeRegistries: [],
  });

  it('answers a client that was told to speak it', async () => {
    const { end, call } = sdkOverWire('cloudwatch', 'monitoring', {
      protocol,
      protocolSettings: { serviceTarget: 'GraniteServiceVersion20100801' },
    });
    const input = {
      Namespace: 'AWS/Logs',
      Dimensions: [{ Name: 'größe', Value: 'b' }],
      IncludeLinkedAccounts: true,
    };
    const output = { Metrics: [{ Namespace: 'n', MetricName: 'm', Dimensions: [] }], NextToken: 't' };
    end.answer = { output };
    expect(await call('ListMetrics', input)).toMatchObject(output);
    expect(end.routed?.protocol).toBe('cbor');
    expect(end.input).toEqual(input);
  });
});

describe('event streams', () => {
  const sessionStart = {
    requestId: 'r',
    sessionId: 's',
    logGroupIdentifiers: ['arn'],
    logStreamNames: [],
    logStreamNamePrefixes: [],
    logEventFilterPattern: '',
  };
  const sessionUpdate = {
    sessionMetadata: { sampled: false },
    sessionResults: [
      { logGroupIdentifier: '1:g', logStreamName: 's', message: 'größe', timestamp: 1, ingestionTime: 2 },
    ],
  };

  async function received(events: AsyncIterable<Record<string, unknown>>): Promise<unknown[]> {
    const { end, call } = sdkOverWire('logs', 'logs', { disableHostPrefix: true });
    end.stream = (routed) => Readable.from(encodeEvents(routed, events));
    const { responseStream } = await call('StartLiveTail', { logGroupIdentifiers: ['arn'] });
    expect(end.routed && isEventStream(end.routed)).toBe(true);
    const seen: unknown[] = [];
    try {
      for await (const event of responseStream as AsyncIterable<unknown>) seen.push(event);
    } catch (error) {
      const { name, message } = error as Error;
      seen.push({ name, message });
    }
    return seen;
  }

  it('give their events', async () => {
    async function* events() {
      yield { sessionStart };
      yield { sessionUpdate };
    }
    expect(await received(events())).toEqual([{ sessionStart }, { sessionUpdate }]);
  });

  it.each([
    {
      what: 'an error of theirs',
      error: new ServiceError('SessionTimeoutException', 'Over.'),
      name: 'SessionTimeoutException',
      message: 'Over.',
    },
    {
      what: 'another error',
      error: new ServiceError('InternalFailure', 'Broken.'),
      name: 'InternalFailure',
      message: 'Broken.',
    },
  ])('end with $what', async ({ error, name, message }) => {
    async function* events() {
      yield { sessionStart };
      throw error;
    }
    expect(await received(events())).toEqual([{ sessionStart }, { name, message }]);
  });

  it('end with an exception that is given as an event', async () => {
    async function* events() {
      yield { SessionTimeoutException: { message: 'Over.' } };
    }
    expect(await received(events())).toEqual([{ name: 'SessionTimeoutException', message: 'Over.' }]);
  });

  it('are given up by their end when the client goes', async () => {
    let isClosed = false;
    async function* events() {
      try {
        for (;;) yield { sessionUpdate };
      } finally {
        isClosed = true;
      }
    }
    const { end, call } = sdkOverWire('logs', 'logs', { disableHostPrefix: true });
    await call('StartLiveTail', { logGroupIdentifiers: ['arn'] }).catch(() => undefined);
    for await (const frame of encodeEvents(end.routed!, events())) {
      if (frame.length > 200) break;
    }
    expect(isClosed).toBe(true);
  });
});
