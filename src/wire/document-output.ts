import type { DocumentProtocol } from './document-input.ts';
import type { Member, ScalarShape, Shape, StructureShape } from './model.ts';
import { epochMs } from './timestamps.ts';

/** Gives what JSON.stringify or the CBOR writer write of a value. */
type ToDocument = (value: unknown) => unknown;

const made: Readonly<Record<DocumentProtocol, WeakMap<Shape, ToDocument>>> = {
  json: new WeakMap(),
  cbor: new WeakMap(),
};

/** The document of an answer: the members that the model has and that are there. */
export function documentOf(
  value: unknown,
  shape: StructureShape,
  protocol: DocumentProtocol,
): Readonly<Record<string, unknown>> {
  return toDocument(shape, protocol)(value) as Record<string, unknown>;
}

/** Made once for a shape; shapes may contain themselves. */
function toDocument(shape: Shape, protocol: DocumentProtocol): ToDocument {
  const known = made[protocol].get(shape);
  if (known) return known;
  let self: ToDocument | undefined;
  made[protocol].set(shape, (value) => self?.(value));
  self = compile(shape, protocol);
  made[protocol].set(shape, self);
  return self;
}

function compile(shape: Shape, protocol: DocumentProtocol): ToDocument {
  if (shape.type === 'structure') return structureDocument(shape.members, protocol);
  if (shape.type === 'list') return listDocument(shape.member.shape, protocol);
  if (shape.type === 'map') return mapDocument(shape.value.shape, protocol);
  return scalarDocument(shape, protocol);
}

function structureDocument(members: readonly Member[], protocol: DocumentProtocol): ToDocument {
  const parts = members.map(({ name, shape }) => ({ name, write: toDocument(shape, protocol) }));
  return (value) => {
    const given = value as Readonly<Record<string, unknown>>;
    const document: Record<string, unknown> = {};
    for (const { name, write } of parts) {
      const member = given[name];
      if (member !== undefined && member !== null) document[name] = write(member);
    }
    return document;
  };
}

function listDocument(item: Shape, protocol: DocumentProtocol): ToDocument {
  const write = toDocument(item, protocol);
  return (value) => {
    const items: unknown[] = [];
    for (const each of value as readonly unknown[]) if (isThere(each)) items.push(write(each));
    return items;
  };
}

function mapDocument(held: Shape, protocol: DocumentProtocol): ToDocument {
  const write = toDocument(held, protocol);
  return (value) =>
    Object.fromEntries(
      Object.entries(value as object).flatMap(([key, entry]) =>
        isThere(entry) ? [[key, write(entry)]] : [],
      ),
    );
}

const isThere = (value: unknown): boolean => value !== undefined && value !== null;
const asItIs: ToDocument = (value) => value;

function scalarDocument({ type }: ScalarShape, protocol: DocumentProtocol): ToDocument {
  const isJson = protocol === 'json';
  if (type === 'timestamp') {
    return isJson ? (value) => epochMs(value) / 1000 : (value) => new Date(epochMs(value));
  }
  if (!isJson) return asItIs;
  if (type === 'blob') return (value) => Buffer.from(value as Uint8Array).toString('base64');
  if (type === 'double' || type === 'float') {
    return (value) => (Number.isFinite(value) ? value : String(value));
  }
  return asItIs;
}
