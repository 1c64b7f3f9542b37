import type { ServiceError } from '../fault/index.ts';
import { isBase64 } from './form-input.ts';
import type { ListShape, MapShape, ScalarShape, Shape, StructureShape } from './model.ts';
import { timeOfSeconds } from './timestamps.ts';
import { malformed } from './wire-faults.ts';

/** Where JSON and CBOR differ once their bytes are read. */
export type DocumentProtocol = 'json' | 'cbor';

type Structure = Record<string, unknown>;

/**
 * A structure from a JSON or CBOR document. What the model does not have is left out, null is absent.
 * @throws ServiceError SerializationException for a value that is not of its member's type
 */
export function readDocument(value: unknown, shape: StructureShape, protocol: DocumentProtocol): Structure {
  const plain = readStructure(value, shape, protocol);
  return plain ?? {};
}

function read(value: unknown, shape: Shape, protocol: DocumentProtocol): unknown {
  if (value === null || value === undefined) return undefined;
  if (shape.type === 'structure') return readStructure(value, shape, protocol);
  if (shape.type === 'list') return readList(value, shape, protocol);
  if (shape.type === 'map') return readMap(value, shape, protocol);
  return readScalar(value, shape, protocol);
}

function readStructure(
  value: unknown,
  { members }: StructureShape,
  protocol: DocumentProtocol,
): Structure | undefined {
  const record = recordOf(value, protocol);
  const made: Structure = {};
  for (const { name, shape } of members) {
    if (!Object.hasOwn(record, name)) continue;
    const member = read(record[name], shape, protocol);
    if (member !== undefined) made[name] = member;
  }
  return made;
}

/** Nulls stay: that they may not be there is the model's to say. */
function readList(value: unknown, { member }: ListShape, protocol: DocumentProtocol): unknown[] {
  if (!Array.isArray(value)) {
    throw malformed(protocol, isPlain(value) ? structureFound : 'Expected list or null');
  }
  return value.map((item) => (item === null ? null : read(item, member.shape, protocol)));
}

function readMap(value: unknown, { value: held }: MapShape, protocol: DocumentProtocol): Structure {
  return Object.fromEntries(
    Object.entries(recordOf(value, protocol)).flatMap(([key, item]) => {
      const entry = read(item, held.shape, protocol);
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

function readScalar(value: unknown, { type }: ScalarShape, protocol: DocumentProtocol): unknown {
  const made = protocol === 'json' ? fromJson(value, type) : fromCbor(value, type);
  if (made === undefined) throw mistyped(value, type, protocol);
  return made;
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
      return isWhole(value, -(2 ** 63), 2 ** 63) ? value + 0 : undefined;
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
