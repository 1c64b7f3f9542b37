import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ServiceError } from '../fault/index.ts';
import { encodeError } from './answer.ts';
import { writeCbor } from './cbor-writer.ts';
import { checkInput } from './constraints.ts';
import { decodeInput } from './decode.ts';
import type { WireRequest } from './http.ts';
import { dialectOf, route } from './route.ts';

/** Everything that becomes of a request before its action: nothing but ServiceErrors come out, and they are encoded. */
function receive(request: WireRequest, signingName: string): void {
  try {
    const routed = route(request, signingName);
    checkInput(routed, decodeInput(routed, request.body));
  } catch (error) {
    expect(error).toBeInstanceOf(ServiceError);
    const { status } = encodeError(dialectOf(request, signingName), error as ServiceError);
    expect(status).toBe(400);
  }
}

const cborHeaders: readonly (readonly [string, string])[] = [['smithy-protocol', 'rpc-v2-cbor']];
const cborUrl = '/service/GraniteServiceVersion20100801/operation/ListMetrics';
const names = fc.constantFrom(
  'Filter',
  'VpcId',
  'TagSpecification',
  'Tags',
  'member',
  'entry',
  'key',
  'value',
  'Name',
  'Value',
  'PolicyDocument',
  'DryRun',
  'MaxResults',
  '1',
  '0',
  '99999999999',
  '__proto__',
  'constructor',
  '',
);
const forms = fc
  .array(fc.tuple(fc.array(names, { maxLength: 6 }), fc.string({ unit: 'binary', maxLength: 8 })), {
    maxLength: 12,
  })
  .map((pairs) => pairs.map(([name, value]) => `${name.join('.')}=${value}`).join('&'));
const ec2Actions = fc.constantFrom('DescribeVpcs', 'CreateFlowLogs', 'RunInstances', 'CreateTags');
const iamActions = fc.constantFrom('CreateRole', 'TagRole', 'SimulateCustomPolicy');
const logsActions = fc.constantFrom('PutLogEvents', 'CreateLogGroup', 'StartQuery', 'PutTransformer');
const jsonKeys = fc.constantFrom(
  'logGroupName',
  'logEvents',
  'message',
  'timestamp',
  'tags',
  'transformerConfig',
  'parseJSON',
  'limit',
  '__proto__',
  'toString',
);
const documents = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium' },
    fc.string(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    tie('map'),
  ),
  map: fc.dictionary(jsonKeys, tie('value'), { maxKeys: 6, noNullPrototype: true }),
}));

describe('hostile input', () => {
  it('random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (body) => {
        receive({ method: 'POST', url: '/', headers: [], body }, 'ec2');
        receive({ method: 'POST', url: '/', headers: [], body }, 'iam');
        receive(
          { method: 'POST', url: '/', headers: [['X-Amz-Target', 'Logs_20140328.PutLogEvents']], body },
          'logs',
        );
        receive({ method: 'POST', url: cborUrl, headers: cborHeaders, body }, 'monitoring');
      }),
      { numRuns: 500 },
    );
  });

  it('random forms', () => {
    fc.assert(
      fc.property(forms, ec2Actions, iamActions, (form, ec2, iam) => {
        const request = (action: string): WireRequest => ({
          method: 'POST',
          url: '/',
          headers: [],
          body: Buffer.from(`Action=${action}&${form}`),
        });
        receive(request(ec2), 'ec2');
        receive(request(iam), 'iam');
      }),
      { numRuns: 500 },
    );
  });

  it('random documents', () => {
    fc.assert(
      fc.property(documents.value, logsActions, (document, action) => {
        const body = Buffer.from(JSON.stringify(document));
        receive(
          { method: 'POST', url: '/', headers: [['X-Amz-Target', `Logs_20140328.${action}`]], body },
          'logs',
        );
        receive(
          { method: 'POST', url: cborUrl, headers: cborHeaders, body: writeCbor(document) },
          'monitoring',
        );
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    { what: 'brackets', body: '['.repeat(2_000_000) },
    { what: 'escaped quotes', body: `{"logGroupName":"${'\\"'.repeat(1_000_000)}` },
    { what: 'backslashes', body: `{"logGroupName":"${'\\'.repeat(2_000_001)}` },
    { what: 'one long number', body: `{"limit":${'9'.repeat(1_000_000)}}` },
  ])('$what in megabytes are refused soon', ({ body }) => {
    const start = process.cpuUsage();
    const headers = [['X-Amz-Target', 'Logs_20140328.DescribeLogGroups']] as const;
    receive({ method: 'POST', url: '/', headers, body: Buffer.from(body) }, 'logs');
    expect(cpuMsSince(start)).toBeLessThan(1000);
  });

  it.each([
    { what: 'ampersands', form: '&'.repeat(4_000_000) },
    { what: 'dots', form: `${'.'.repeat(2_000_000)}=` },
    { what: 'one long value', form: `VpcId.1=${'+'.repeat(2_000_000)}` },
    { what: 'one long number', form: `MaxResults=${'9'.repeat(1_000_000)}` },
  ])('$what in megabytes of a form are answered soon', ({ form }) => {
    const start = process.cpuUsage();
    receive(
      { method: 'POST', url: '/', headers: [], body: Buffer.from(`Action=DescribeVpcs&${form}`) },
      'ec2',
    );
    expect(cpuMsSince(start)).toBeLessThan(1000);
  });
});

/** Of this process: others that are busy do not count. */
function cpuMsSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}
