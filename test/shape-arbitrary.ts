import fc from 'fast-check';
import type { Member, ScalarShape, Shape, StructureShape } from '../src/wire/model.ts';

/** Deeper structures are empty: some contain themselves. */
const deepest = 4;

/** Members that the models have and the release of the SDK in package.json does not, or has with another type. */
const newerThanSdk = /^AssociatedKmsKeys$|Multipath/;
const otherThanSdk = /^(?:\w*Multipart\w*|ListPartsOutput|UploadPart\w*)\.VersionId$|PartNumberMarker$/;

/** Texts that escape, unescape and encode: of XML, of forms, beyond ASCII and beyond 16 bits. */
const texts: fc.Arbitrary<string> = fc.oneof(
  fc.string({ minLength: 1, maxLength: 12 }),
  fc.constantFrom('a&b<c>"d"', '10.0.0.0/16', 'x=1&y=2+3%41', 'größe \u{1F30A}', '  spaces  ', "it's ]]>"),
);

/** Any value of a shape; constraints are not kept, but enumerations are. */
export function shapeArbitrary(shape: Shape, depth = 0): fc.Arbitrary<unknown> {
  if (shape.type === 'structure') return structureArbitrary(shape, depth);
  if (shape.type === 'list') {
    return fc.array(shapeArbitrary(shape.member.shape, depth + 1), { minLength: 1, maxLength: 3 });
  }
  if (shape.type === 'map') {
    const value = shapeArbitrary(shape.value.shape, depth + 1);
    const keys = texts.filter((key) => key !== '__proto__');
    return fc.dictionary(keys, value, { minKeys: 1, maxKeys: 3, noNullPrototype: true });
  }
  return scalarArbitrary(shape);
}

export function structureArbitrary(
  { name: shapeName, members, union, required }: StructureShape,
  depth = 0,
): fc.Arbitrary<Record<string, unknown>> {
  if (depth > deepest && !union) return fc.constant({});
  const known = members.filter(
    ({ name }) => !newerThanSdk.test(name) && !otherThanSdk.test(`${shapeName}.${name}`),
  );
  const arbitraries = known
    .filter((member) => !member.streaming && !ofClients.test(member.locationName ?? ''))
    .map((member) => [member.name, memberArbitrary(member, depth + 1)] as const);
  if (union) return fc.oneof(...arbitraries.map(([name, value]) => value.map((held) => ({ [name]: held }))));
  // Without the parts of its path, and what else tells it from others, a request of REST is none.
  const requiredKeys = known.filter(isOfRoute).map(({ name }) => name);
  return fc.record(Object.fromEntries(arbitraries), { requiredKeys, noNullPrototype: true });

  function isOfRoute({ name, location }: Member): boolean {
    return location === 'uri' || (location !== undefined && required?.includes(name) === true);
  }
}

/** Headers that clients write or change themselves. */
const ofClients =
  /^(?:content-(?:length|md5|encoding|type)|expires|x-amz-checksum-.*|x-amz-sdk-checksum-algorithm|.*-customer-.*|x-amz-request-payer)$/i;

/** Of texts in headers: nothing but ASCII, with no spaces around. */
const headerTexts = fc.stringMatching(/^[!-~](?:[ -~]{0,10}[!-~])?$/).filter((text) => !text.includes('  '));

function memberArbitrary({ name, location, shape }: Member, depth: number): fc.Arbitrary<unknown> {
  if (name === 'Bucket' && location === 'uri') return fc.constantFrom('bucket', 'a-bucket.with.dots');
  if (name === 'AccountId') return fc.constant('123456789012');
  if (name === 'CopySource') return fc.constant('bucket/key%20of/it');
  if (location === 'headers') {
    const keys = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
    return fc.dictionary(keys, headerTexts, { minKeys: 1, maxKeys: 3, noNullPrototype: true });
  }
  if (location !== 'header') return shapeArbitrary(shape, depth);
  if (shape.type === 'string' && !shape.enum) return headerTexts;
  if (shape.type === 'timestamp') return shapeArbitrary(shape).map((time) => wholeSeconds(time as Date));
  return shapeArbitrary(shape, depth);
}

const wholeSeconds = (time: Date): Date => new Date(Math.floor(time.getTime() / 1000) * 1000);

function scalarArbitrary({ type, enum: known, timestampFormat }: ScalarShape): fc.Arbitrary<unknown> {
  switch (type) {
    case 'string':
      return known ? fc.constantFrom(...known) : texts;
    case 'integer':
      return fc.integer();
    case 'long':
      return fc.maxSafeInteger();
    case 'float':
    case 'double':
      return fc.double({ noDefaultInfinity: true, noNaN: true }).map((value) => value + 0);
    case 'boolean':
      return fc.boolean();
    case 'timestamp':
      return fc
        .date({ min: new Date(0), max: new Date('2100-01-01T00:00:00Z'), noInvalidDate: true })
        .map((time) => (timestampFormat === 'rfc822' ? wholeSeconds(time) : time));
    case 'blob':
      return fc.uint8Array({ minLength: 1, maxLength: 8 });
  }
}

/** Without what the wire cannot tell from its absence: empty structures, lists and maps. */
export function pruned(value: unknown): unknown {
  if (Array.isArray(value))
    return value.map(pruned).filter((item) => item !== undefined).length === 0
      ? undefined
      : value.map(pruned).filter((item) => item !== undefined);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value === null || typeof value !== 'object' || value instanceof Date) return value ?? undefined;
  const entries = Object.entries(value).flatMap(([name, held]) => {
    const kept = pruned(held);
    return kept === undefined ? [] : [[name, kept] as const];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
