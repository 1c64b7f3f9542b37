import { ServiceError } from '../fault/index.ts';
import type { FormNode } from './form.ts';
import type { ListShape, MapShape, Member, ScalarShape, Shape, StructureShape } from './model.ts';
import { parseTime } from './timestamps.ts';
import { malformed } from './wire-faults.ts';

type FormProtocol = 'ec2' | 'query';
type Structure = Record<string, unknown>;

/** Deeper than any shape is, but for those that contain themselves. */
const deepest = 32;

/**
 * A structure from the parameters of a request. What the model does not have is left out.
 * @throws ServiceError for a value that is not of its member's type
 */
export function decodeForm(form: FormNode, shape: StructureShape, protocol: FormProtocol): Structure {
  return new FormReader(protocol).structure(form, shape, '', 0);
}

/**
 * The name of a member in EC2's requests.
 * @see https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html
 */
function ec2Name({ name, locationName, queryName }: Member): string {
  if (queryName !== undefined) return queryName;
  if (locationName === undefined) return name;
  return locationName[0].toUpperCase() + locationName.slice(1);
}

class FormReader {
  readonly #protocol: FormProtocol;

  constructor(protocol: FormProtocol) {
    this.#protocol = protocol;
  }

  structure(node: FormNode, { members }: StructureShape, path: string, depth: number): Structure {
    const made: Structure = {};
    if (!node.below) return made;
    if (depth > deepest) throw malformed(this.#protocol, `The parameter ${path} is nested too deeply.`);
    for (const member of members) {
      const name = this.#protocol === 'ec2' ? ec2Name(member) : (member.locationName ?? member.name);
      const below = node.below.get(this.#flattenedName(member) ?? name);
      if (below) made[member.name] = this.#value(below, member.shape, dotted(path, name), depth + 1);
    }
    return made;
  }

  #value(node: FormNode, shape: Shape, path: string, depth: number): unknown {
    if (shape.type === 'structure') return this.structure(node, shape, path, depth);
    if (shape.type === 'list') return this.#list(node, shape, path, depth);
    if (shape.type === 'map') return this.#map(node, shape, path, depth);
    return node.value === undefined ? undefined : this.#scalar(node.value, shape, path);
  }

  /** Flattened lists of query take the name of their members. */
  #flattenedName({ shape }: Member): string | undefined {
    if (this.#protocol === 'ec2' || shape.type !== 'list' || !shape.flattened) return undefined;
    return shape.member.locationName;
  }

  #list(node: FormNode, { member, flattened }: ListShape, path: string, depth: number): unknown[] {
    const isFlat = this.#protocol === 'ec2' || flattened;
    const name = member.locationName ?? 'member';
    const items = isFlat ? node : node.below?.get(name);
    const at = isFlat ? path : `${path}.${name}`;
    return numbered(items).flatMap(([index, item]) => {
      const value = this.#value(item, member.shape, `${at}.${index}`, depth + 1);
      return value === undefined ? [] : [value];
    });
  }

  #map(node: FormNode, { key, value, flattened }: MapShape, path: string, depth: number): Structure {
    const entries = flattened ? node : node.below?.get('entry');
    return Object.fromEntries(
      numbered(entries).map(([index, entry]) => {
        const at = `${path}.entry.${index}`;
        const held = entry.below?.get(value.locationName ?? 'value');
        return [
          entry.below?.get(key.locationName ?? 'key')?.value ?? '',
          held && this.#value(held, value.shape, at, depth + 1),
        ];
      }),
    );
  }

  #scalar(text: string, { type }: ScalarShape, path: string): unknown {
    if (type === 'string') return text;
    const value = scalarReaders[type](text);
    if (value === undefined) throw this.#mistyped(text, type, path);
    return value;
  }

  /** EC2 names the parameter; the query services say what their reader met. */
  #mistyped(text: string, type: keyof typeof scalarReaders, path: string): ServiceError {
    if (this.#protocol === 'query') {
      return malformed('query', `STRING_VALUE can not be converted to ${typeNouns[type]}`);
    }
    const parameter = path[0].toLowerCase() + path.slice(1);
    return new ServiceError(
      'InvalidParameterValue',
      `Value (${text}) for parameter ${parameter} is invalid.`,
    );
  }
}

const typeNouns = {
  integer: 'an Integer',
  long: 'a Long',
  float: 'a Float',
  double: 'a Double',
  boolean: 'a Boolean',
  timestamp: 'a Timestamp',
  blob: 'a Blob',
} as const;

/** Values of scalars from their texts; undefined for what is none. */
export const scalarReaders = {
  integer: (text: string) => wholeNumber(text, -(2 ** 31), 2 ** 31 - 1),
  long: (text: string) => {
    const value = wholeNumber(text, -(2 ** 63), 2 ** 63);
    return value === undefined ? undefined : exactLong(value);
  },
  float: decimalNumber,
  double: decimalNumber,
  boolean: (text: string) => booleans[text.toLowerCase()],
  timestamp: parseTime,
  blob: (text: string) => (isBase64(text) ? new Uint8Array(Buffer.from(text, 'base64')) : undefined),
} as const;

const booleans: Readonly<Record<string, boolean | undefined>> = Object.assign(Object.create(null), {
  true: true,
  false: false,
});

function wholeNumber(text: string, least: number, most: number): number | undefined {
  if (!/^[-+]?\d{1,20}$/.test(text)) return undefined;
  const value = Number(text) + 0;
  return value >= least && value <= most ? value : undefined;
}

function decimalNumber(text: string): number | undefined {
  if (!/^[-+]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][-+]?\d{1,4})?$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** The nearest that a number holds exactly: `Long.MAX_VALUE` as an end of time is one of those that are sent. */
export function exactLong(value: number): number {
  return Math.min(Math.max(value, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER) + 0;
}

export function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

/** The entries of a list in the order of their numbers, which may have gaps. */
function numbered(node: FormNode | undefined): (readonly [index: number, node: FormNode])[] {
  if (!node?.below) return [];
  const entries: (readonly [number, FormNode])[] = [];
  for (const [name, item] of node.below) {
    if (/^\d{1,9}$/.test(name)) entries.push([Number(name), item]);
  }
  return entries.sort(([a], [b]) => a - b);
}

const dotted = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);
