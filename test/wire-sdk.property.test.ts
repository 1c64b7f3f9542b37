import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isEventStream, serviceModel } from '../src/wire/index.ts';
import type { StructureShape } from '../src/wire/model.ts';
import { runs } from './runs.ts';
import { sdkOverWire } from './sdk-over-wire.ts';
import { pruned, structureArbitrary } from './shape-arbitrary.ts';

const services = [
  { service: 'ec2', signingName: 'ec2' },
  { service: 'iam', signingName: 'iam' },
  { service: 'sts', signingName: 'sts' },
  { service: 'logs', signingName: 'logs' },
  { service: 'cloudwatch', signingName: 'monitoring' },
  { service: 'firehose', signingName: 'firehose' },
  { service: 's3', signingName: 's3' },
] as const;

/** Buckets in the path; checksums only where they must be. */
const optionsOf: Readonly<Record<string, object>> = {
  s3: {
    endpoint: 'http://127.0.0.1:4650',
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  },
};

/** Members that the SDK makes up where they are absent: those of idempotency. */
function withoutTokens(input: unknown, given: Readonly<Record<string, unknown>>): unknown {
  const tokens = ['ClientToken', 'clientToken'].filter((name) => !(name in given));
  return Object.fromEntries(Object.entries(input as object).filter(([name]) => !tokens.includes(name)));
}

/** Bodies that stream have tests of their own; so has what the SDK says of them. */
function withoutBody(value: unknown, shape: StructureShape | undefined): unknown {
  const body = shape?.members.find(({ streaming }) => streaming)?.name;
  if (body === undefined) return value;
  const own = [body, 'ContentLength', 'ContentType', 'ContentEncoding', 'ChecksumAlgorithm'];
  return Object.fromEntries(Object.entries(value as object).filter(([name]) => !own.includes(name)));
}

describe.each(services)('the SDK over our codecs: $service', ({ service, signingName }) => {
  const model = serviceModel(service);
  const { end, call, has } = sdkOverWire(service, signingName, optionsOf[service]);
  const operations = model.operationNames.filter(has);

  it('knows most of the operations', () => {
    expect(operations.length).toBeGreaterThan(0.9 * model.operationNames.length);
  });

  it.each(operations)('%s', async (name) => {
    const operation = model.operation(name)!;
    if (isEventStream({ protocol: 'json', service: model, operation })) return;
    const inputs = operation.input ? structureArbitrary(operation.input) : fc.constant({});
    const outputs = operation.output ? structureArbitrary(operation.output) : fc.constant({});
    await fc.assert(
      fc.asyncProperty(inputs, outputs, async (input, output) => {
        end.answer = { output };
        const { $metadata, ...answered } = await call(name, input);
        expect(end.routed?.operation.name).toBe(name);
        expect(pruned(withoutTokens(withoutBody(end.input, operation.input), input))).toEqual(pruned(input));
        expect(pruned(withoutBody(answered, operation.output))).toEqual(pruned(output));
      }),
      { numRuns: runs(2, 8) },
    );
  });
});
