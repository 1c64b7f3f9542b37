import type { ServiceError } from '../fault/index.ts';
import { exactLong, isBase64 } from './form-input.ts';
import type { ListShape, MapShape, ScalarShape, Shape, StructureShape } from './model.ts';
import { timeOfSeconds } from './timestamps.ts';
import { malformed } from './wire-faults.ts';

/** Where JSON and CBOR differ once their bytes are read. */
export type DocumentProtocol = 'json' | 'cbor';

type Structure = Record<string, unknown>;

/** Gives the value of a member, or undefined where it is null. */
type FromDocument = (value: unknown) => unknown;

const made: Readonly<Record<DocumentProtocol, WeakMap<Shape, FromDocument>>> = {
  json: new WeakMap(),
  cbor: new WeakMap(),
};

/**
 * A structure from a JSON or CBOR document. What the model does not have is left out, null is absent.
 * @throws ServiceError SerializationException for a value that is not of its member's type
 */
export function readDocument(value: unknown, shape: StructureShape, protocol: DocumentProtocol): Structure {
  return (fromDocument(shape, protocol)(value) ?? {}) as Structure;
}

/** Made once for a shape; shapes may contain themselves. */
function fromDocument(shape: Shape, protocol: DocumentProtocol): FromDocument {
  const known = made[protocol].get(shape);
  if (known) return known;
  let self: FromDocument | undefined;
  made[protocol].set(shape, (value) => self?.(value));
  const read = compile(shape, protocol);
  self = (value) => (value === null || value === undefined ? undefined : read(value));
  made[protocol].set(shape, self);
  return self;
}

function compile(shape: Shape, protocol: DocumentProtocol): FromDocument {
  if (shape.type === 'structure') return structureReader(shape, protocol);
  if (shape.type === 'list') return listReader(shape, protocol);
  if (shape.type === 'map') return mapReader(shape, protocol);
  return scalarReader(shape, protocol);
}

/** No member has a name that every object has. */
function structureReader({ members }: StructureShape, protocol: DocumentProtocol): FromDocument {
  const parts = members.map(({ name, shape }) => ({ name, read: fromDocument(shape, protocol) }));
  return (value) => {
    const record = recordOf(value, protocol);
    const structure: Structure = {};
    for (const { name, read } of parts) {
      const member = read(record[name]);
      if (member !== undefined) structure[name] = member;
    }
    return structure;
  };
}

/** Nulls stay: that they may not be there is the model's to say. */
function listReader({ member }: ListShape, protocol: DocumentProtocol): FromDocument {
  const read = fromDocument(member.shape, protocol);
  return (value) => {
    if (!Array.isArray(value)) {
      throw malformed(protocol, isPlain(value) ? structureFound : 'Expected list or null');
    }
    return value.map((item) => (item === null ? null : read(item)));
  };
}

function mapReader({ value: held }: MapShape, protocol: DocumentProtocol): FromDocument {
  const read = fromDocument(held.shape, protocol);
  return (value) =>
    Object.fromEntries(
      Object.entries(recordOf(value, protocol)).flatMap(([key, item]) => {
        const entry = read(item);
        return entry === undefined ? [] : [[key, entry]];
      }),
    );
}

const listFound = 'Start of list found where not expected';
const structureFound = 'Start of structure or map found where not expected.';

function recordOf(value: unknown, protocol: DocumentProtocol): Structure {
  if (isPlain(value)) return value as Structure;
  throw malformed(protocol, Array.isArray(value) ? listFound : 'Expected map or null');
}

/** An object, and neither a list nor what CBOR has of its own. */
function isPlain(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array) &&
    !(value instanceof Date)
  );
}

function scalarReader({ type }: ScalarShape, protocol: DocumentProtocol): FromDocument {
  const read = protocol === 'json' ? fromJson : fromCbor;
  return (value) => {
    const scalar = read(value, type);
    if (scalar === undefined) throw mistyped(value, type, protocol);
    return scalar;
  };
}

function fromJson(value: unknown, type: ScalarShape['type']): unknown {
  if (type === 'blob') {
    return typeof value === 'string' && isBase64(value)
      ? new Uint8Array(Buffer.from(value, 'base64'))
      : undefined;
  }
  if (type === 'timestamp') return typeof value === 'number' ? timeOfSeconds(value) : undefined;
  return plainScalar(value, type);
}

function fromCbor(value: unknown, type: ScalarShape['type']): unknown {
  if (type === 'blob') return value instanceof Uint8Array ? value : undefined;
  if (type === 'timestamp') return value instanceof Date ? value : undefined;
  return plainScalar(value, type);
}

type PlainType = Exclude<ScalarShape['type'], 'blob' | 'timestamp'>;

function plainScalar(value: unknown, type: PlainType): unknown {
  switch (type) {
    case 'string':
      return typeof value === 'string' ? value : undefined;
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
    case 'integer':
      return isWhole(value, -(2 ** 31), 2 ** 31 - 1) ? value + 0 : undefined;
    case 'long':
      return isWhole(value, -(2 ** 63), 2 ** 63) ? exactLong(value) : undefined;
    case 'float':
    case 'double':
      return typeof value === 'string' ? specialNumbers.get(value) : numberOf(value);
  }
}

/** How JSON spells the numbers that it has no spelling for. */
const specialNumbers: ReadonlyMap<string, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);

const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

function isWhole(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
}

const typeNouns: Readonly<Record<ScalarShape['type'], string>> = {
  string: 'a String',
  integer: 'an Integer',
  long: 'a Long',
  float: 'a Float',
  double: 'a Double',
  boolean: 'a Boolean',
  timestamp: 'a Timestamp',
  blob: 'a Blob',
};

function mistyped(value: unknown, type: ScalarShape['type'], protocol: DocumentProtocol): ServiceError {
  if (Array.isArray(value)) return malformed(protocol, listFound);
  if (isPlain(value)) return malformed(protocol, structureFound);
  return malformed(protocol, `${nameOfToken(value)} can not be converted to ${typeNouns[type]}`);
}

function nameOfToken(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'TRUE_VALUE' : 'FALSE_VALUE';
  if (typeof value === 'number') return 'NUMBER_VALUE';
  return typeof value === 'string' ? 'STRING_VALUE' : 'BINARY_VALUE';
}
