import { cbor } from '@smithy/core/cbor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ServiceError } from '../fault/index.ts';
import { parseCbor } from './cbor-reader.ts';
import { writeCbor } from './cbor-writer.ts';

/** The SDK's reader loses what is named so. */
const keys = fc.string({ maxLength: 12 }).filter((key) => key !== '__proto__');

const documents = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true }),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc.array(tie('value'), { maxLength: 5 }),
    tie('map'),
  ),
  map: fc.dictionary(keys, tie('value'), { maxKeys: 30, noNullPrototype: true }),
})).map;

const plain = (value: unknown): unknown =>
  value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
/** Without the difference between kinds of byte arrays. */
const comparable = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, held) => plain(revived(held))));
const revived = (held: unknown): unknown =>
  typeof held === 'object' && held !== null && 'type' in held && held.type === 'Buffer' && 'data' in held
    ? Buffer.from(held.data as number[])
    : held;

describe('CBOR', () => {
  it("is read by the SDK as it is written, and the SDK's is read here", () => {
    fc.assert(
      fc.property(documents, (document) => {
        const expected = comparable(document);
        expect(comparable(cbor.deserialize(writeCbor(document)))).toEqual(expected);
        expect(comparable(parseCbor(cbor.serialize(document)))).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    { what: 'epoch times', hex: 'c1fb41d954fc40d1eb85', value: new Date(1_700_000_003.28 * 1000) },
    { what: 'a map without length', hex: 'bf616101ff', value: { a: 1 } },
    { what: 'a list without length', hex: '9f0102ff', value: [1, 2] },
    { what: 'a text in chunks', hex: '7f61616162ff', value: 'ab' },
    { what: 'half floats', hex: 'f93e00', value: 1.5 },
    { what: 'single floats', hex: 'fa3fc00000', value: 1.5 },
    { what: 'negative integers', hex: '3903e7', value: -1000 },
    { what: '64 bits', hex: '1b000000e8d4a51000', value: 1_000_000_000_000 },
  ])('reads $what', ({ hex, value }) => {
    expect(parseCbor(Buffer.from(hex, 'hex'))).toEqual(value);
  });

  it.each([
    { what: 'a huge list', hex: '9bffffffffffffffff' },
    { what: 'a huge text', hex: '7bffffffffffffffff61' },
    { what: 'a big integer', hex: 'c24101' },
    { what: 'a decimal', hex: 'c48220c2411b' },
    { what: 'a list that does not end', hex: '9f01' },
    { what: 'two values', hex: '0101' },
    { what: 'a doubled key', hex: 'a2616101616102' },
    { what: 'a number for a key', hex: 'a10102' },
    { what: 'text that is not UTF-8', hex: '62c328' },
    { what: 'lists in lists', hex: '81'.repeat(100) },
    { what: 'tags of tags', hex: 'c1'.repeat(100) },
    { what: 'a time that no clock shows', hex: 'c1fb7fefffffffffffff' },
    { what: 'a break', hex: 'ff' },
    { what: 'a text in chunks of bytes', hex: '7f4161ff' },
  ])('refuses $what', ({ hex }) => {
    expect(() => parseCbor(Buffer.from(hex, 'hex'))).toThrow(ServiceError);
  });
});
