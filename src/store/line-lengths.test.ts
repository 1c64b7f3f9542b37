import fc from 'fast-check';
import { expect, it } from 'vitest';
import { messageLengths } from './line-lengths.ts';
import { ipv4Code, missingCode, missingInt32 } from './row-batch.ts';

const powers = Array.from({ length: 16 }, (_, n) => 10 ** n).flatMap((power) => [
  power - 1,
  power,
  power + 1,
]);
const numbers = [...powers, Number.MAX_SAFE_INTEGER, Number.NaN];

it('is the length of the number, at each count of digits', () => {
  const timestampsMs = new Float64Array(numbers.length);
  const columns = [{ type: 'int64' as const, values: Float64Array.from(numbers) }];
  const batch = {
    kind: 'records' as const,
    group: 1,
    stream: 1,
    ingestionMs: 0,
    format: 1,
    timestampsMs,
    columns,
  };
  const expected = numbers.map((value) => (Number.isNaN(value) ? 1 : String(value).length));
  expect([...messageLengths(batch)]).toEqual(expected);
});

it('is the length of the line, whatever stands in it', () => {
  const word = fc.string({ unit: 'grapheme', minLength: 1 });
  fc.assert(
    fc.property(
      fc.integer({ min: missingInt32, max: 0x7fff_ffff }),
      fc.option(fc.maxSafeNat()),
      fc.option(word),
      fc.option(fc.oneof(word, fc.nat(0xffff_ffff))),
      (int32, int64, text, address) => {
        const isIpv4 = typeof address === 'number';
        const timestampsMs = new Float64Array(1);
        const batch = {
          ...{ kind: 'records' as const, group: 1, stream: 1, ingestionMs: 0, format: 1, timestampsMs },
          columns: [
            { type: 'int32' as const, values: Int32Array.of(int32) },
            { type: 'int64' as const, values: Float64Array.of(int64 ?? Number.NaN) },
            {
              type: 'text' as const,
              codes: Int32Array.of(text === null ? missingCode : 0),
              texts: [text ?? ''],
            },
            {
              type: 'address' as const,
              values: Uint32Array.of(isIpv4 ? address : 0),
              codes: Int32Array.of(isIpv4 ? ipv4Code : address === null ? missingCode : 0),
              texts: typeof address === 'string' ? [address] : [],
            },
          ],
        };
        const octets = (value: number) => [24, 16, 8, 0].map((bits) => (value >>> bits) & 255).join('.');
        const values = [
          int32 < 0 ? '-' : int32,
          int64 ?? '-',
          text ?? '-',
          isIpv4 ? octets(address) : (address ?? '-'),
        ];
        expect([...messageLengths(batch)]).toEqual([Buffer.byteLength(values.join(' '))]);
      },
    ),
  );
});
