import { spawnSync } from 'node:child_process';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeInput,
  encodeOutput,
  type Protocol,
  type Routed,
  route,
  serviceModel,
} from '../src/wire/index.ts';
import { runs } from './runs.ts';
import { pruned, structureArbitrary } from './shape-arbitrary.ts';

const program = path.join(import.meta.dirname, 'wire-botocore.py');
const hasBotocore = spawnSync('python3', ['-c', 'import botocore.serialize']).status === 0;

interface Case {
  readonly service: string;
  readonly operation: string;
  /** By botocore's name. */
  readonly protocol: string;
  readonly routed: Routed;
  readonly input: object;
  readonly output: object;
}

type Answer =
  | { readonly absent: true }
  | {
      readonly absent?: undefined;
      readonly input: unknown;
      readonly method: string;
      readonly path: string;
      readonly query: Readonly<Record<string, string | readonly string[]>>;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
      readonly output: unknown;
      readonly parsed: unknown;
    };

const spoken: readonly { readonly service: string; readonly protocol: string; readonly as: Protocol }[] = [
  { service: 'ec2', protocol: 'ec2', as: 'ec2' },
  { service: 'iam', protocol: 'query', as: 'query' },
  { service: 'sts', protocol: 'query', as: 'query' },
  { service: 'logs', protocol: 'json', as: 'json' },
  { service: 'cloudwatch', protocol: 'query', as: 'query' },
  { service: 'cloudwatch', protocol: 'json', as: 'json' },
  { service: 'cloudwatch', protocol: 'smithy-rpc-v2-cbor', as: 'cbor' },
  { service: 'oam', protocol: 'rest-json', as: 'json' },
  { service: 'resourcegroupstaggingapi', protocol: 'json', as: 'json' },
  { service: 'firehose', protocol: 'json', as: 'json' },
  { service: 's3', protocol: 'rest-xml', as: 'rest-xml' },
  { service: 's3control', protocol: 'rest-xml', as: 'rest-xml' },
];

/** Read by more than botocore's parser; or a body that is a text, which it takes for empty where there is none. */
const readElsewhere: ReadonlySet<string> = new Set(['GetBucketLocation', 'GetBucketPolicy']);

const casesOf = ({ service, protocol, as }: (typeof spoken)[number]): Case[] => {
  const model = serviceModel(service);
  return model.operationNames.flatMap((name) => {
    const operation = model.operation(name)!;
    const isRead = operation.output?.members.every(
      ({ shape, streaming }) => !streaming && !(shape.type === 'structure' && shape.eventstream),
    );
    if (isRead === false || operation.input?.members.some(({ streaming }) => streaming)) return [];
    if (readElsewhere.has(name)) return [];
    const inputs = operation.input ? structureArbitrary(operation.input) : fc.constant({});
    const outputs = operation.output ? structureArbitrary(operation.output) : fc.constant({});
    const routed: Routed = { protocol: as, service: model, operation };
    return fc.sample(fc.tuple(inputs, outputs), runs(1, 4)).map(([input, output]) => ({
      service,
      operation: name,
      protocol,
      routed,
      input: as === 'json' ? (inWholeSeconds(input) as object) : input,
      output,
    }));
  });
};

/** botocore sends times in JSON without their fractions. */
function inWholeSeconds(value: unknown): unknown {
  if (value instanceof Date) return new Date(Math.floor(value.getTime() / 1000) * 1000);
  if (Array.isArray(value)) return value.map(inWholeSeconds);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([name, held]) => [name, inWholeSeconds(held)]));
}

/** After the names that its path has already. */
const urlOf = ({
  path: given,
  query,
}: {
  readonly path: string;
  readonly query: Readonly<Record<string, string | readonly string[]>>;
}): string => {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).map((each) => `${name}=${encodeURIComponent(each)}`),
  );
  return pairs.length === 0 ? given : `${given}${given.includes('?') ? '&' : '?'}${pairs.join('&')}`;
};

const toJson = (value: unknown): unknown => {
  if (value instanceof Date) return { $date: value.getTime() };
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, held]) => [name, toJson(held)]));
};

function askBotocore(cases: readonly Case[]): Answer[] {
  const lines = cases.map(({ service, operation, protocol, routed, input, output }) => {
    const { headers, body } = encodeOutput(routed, output, 'request-1');
    const given = {
      input: toJson(input),
      output: toJson(output),
      body: Buffer.from(body).toString('base64'),
    };
    return JSON.stringify({ service, operation, protocol, headers, ...given });
  });
  const { stdout, stderr, status } = spawnSync('python3', [program], {
    input: lines.join('\n'),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Answer);
}

describe.skipIf(!hasBotocore)('botocore over our codecs (skipped where python3 has none)', () => {
  it.each(spoken)(
    '$service by $protocol',
    (each) => {
      const cases = casesOf(each);
      const answers = askBotocore(cases);
      const { signingName } = serviceModel(each.service);
      let compared = 0;
      for (const [index, answer] of answers.entries()) {
        if (answer.absent) continue;
        const { operation } = cases[index];
        const body = Buffer.from(answer.body, 'base64');
        const request = {
          method: answer.method,
          url: urlOf(answer),
          headers: Object.entries(answer.headers),
          body,
        };
        const routed = route(request, signingName);
        expect(routed.operation.name).toBe(operation);
        expect(routed.protocol).toBe(each.as);
        const said = `${each.service}:${operation}`;
        expect({ [said]: pruned(toJson(decodeInput(routed, body))) }).toEqual({
          [said]: pruned(answer.input),
        });
        expect({ [said]: pruned(answer.parsed) }).toEqual({ [said]: pruned(answer.output) });
        compared++;
      }
      expect(compared).toBeGreaterThan(0.8 * cases.length);
    },
    60_000,
  );
});
