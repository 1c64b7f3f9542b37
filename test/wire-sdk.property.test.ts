import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isEventStream, serviceModel } from '../src/wire/index.ts';
import { sdkOverWire } from './sdk-over-wire.ts';
import { pruned, structureArbitrary } from './shape-arbitrary.ts';

const services = [
  { service: 'ec2', signingName: 'ec2' },
  { service: 'iam', signingName: 'iam' },
  { service: 'sts', signingName: 'sts' },
  { service: 'logs', signingName: 'logs' },
  { service: 'cloudwatch', signingName: 'monitoring' },
] as const;

/** Members that the SDK makes up where they are absent: those of idempotency. */
function withoutTokens(input: unknown, given: Readonly<Record<string, unknown>>): unknown {
  const tokens = ['ClientToken', 'clientToken'].filter((name) => !(name in given));
  return Object.fromEntries(Object.entries(input as object).filter(([name]) => !tokens.includes(name)));
}

describe.each(services)('the SDK over our codecs: $service', ({ service, signingName }) => {
  const model = serviceModel(service);
  const { end, call, has } = sdkOverWire(service, signingName);
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
        expect(pruned(withoutTokens(end.input, input))).toEqual(pruned(input));
        expect(pruned(answered)).toEqual(pruned(output));
      }),
      { numRuns: 4 },
    );
  });
});
