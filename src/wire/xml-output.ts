import type { ListShape, MapShape, Member, ScalarShape, Shape, StructureShape } from './model.ts';
import { httpTimeOf, isoTimeOf } from './timestamps.ts';

/**
 * Appends the content of an element. Pieces are joined once: strings that are added up in a loop become two bytes a
 * character when V8 (11.3) has optimised the loop, which makes everything after it twice as slow.
 */
type ToXml = (value: unknown, pieces: string[]) => void;

export type XmlProtocol = 'ec2' | 'query' | 'rest-xml';

const made: Readonly<Record<XmlProtocol, WeakMap<Shape, ToXml>>> = {
  ec2: new WeakMap(),
  query: new WeakMap(),
  'rest-xml': new WeakMap(),
};

/** The elements of a structure's members: those that the model has and that are there. */
export function xmlOf(value: unknown, shape: StructureShape, protocol: XmlProtocol): string {
  const pieces: string[] = [];
  toXml(shape, protocol)(value, pieces);
  return pieces.join('');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: XML has no way to write them
const special = /[&<>"\r\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;
const everySpecial = new RegExp(special, 'g');
const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#xD;',
};

/** What XML cannot hold at all becomes the replacement character: parsers refuse the whole answer otherwise. */
export function escapeXml(text: string): string {
  return special.test(text)
    ? text.replace(everySpecial, (character) => escapes[character] ?? '\ufffd')
    : text;
}

/** Made once for a shape; shapes may contain themselves. */
function toXml(shape: Shape, protocol: XmlProtocol): ToXml {
  const known = made[protocol].get(shape);
  if (known) return known;
  let self: ToXml | undefined;
  made[protocol].set(shape, (value, pieces) => self?.(value, pieces));
  self = compile(shape, protocol);
  made[protocol].set(shape, self);
  return self;
}

function compile(shape: Shape, protocol: XmlProtocol): ToXml {
  if (shape.type === 'structure') return structureXml(shape, protocol);
  if (shape.type === 'list') return listXml(shape, protocol, shape.member.locationName ?? 'member');
  if (shape.type === 'map') return mapXml(shape, protocol, 'entry');
  return scalarXml(shape, protocol);
}

function structureXml({ members }: StructureShape, protocol: XmlProtocol): ToXml {
  const parts = members.map((member) => ({ name: member.name, write: elementXml(member, protocol) }));
  return (value, pieces) => {
    const given = value as Readonly<Record<string, unknown>>;
    for (const { name, write } of parts) {
      const member = given[name];
      if (member !== undefined && member !== null) write(member, pieces);
    }
  };
}

/** A member with its tags; flattened lists and maps have them around each entry. */
function elementXml(member: Member, protocol: XmlProtocol): ToXml {
  const { name, locationName, shape } = member;
  const tag = locationName ?? name;
  if (protocol === 'rest-xml' && shape.type === 'list' && (member.flattened ?? shape.flattened)) {
    return listXml(shape, protocol, tag);
  }
  if (shape.type === 'list' && shape.flattened) {
    return listXml(shape, protocol, shape.member.locationName ?? tag);
  }
  if (shape.type === 'map' && shape.flattened) return mapXml(shape, protocol, tag);
  const attributes = shape.type === 'structure' ? attributesOf(shape) : [];
  if (attributes.length > 0) return withAttributes(tag, shape as StructureShape, attributes, protocol);
  return inTags(tag, toXml(shape, protocol));
}

const attributesOf = ({ members }: StructureShape): readonly Member[] =>
  members.filter(({ xmlAttribute }) => xmlAttribute);

/** S3's grantees have their type as an attribute, of a namespace that is declared beside it. */
function withAttributes(
  tag: string,
  { xmlNamespace, ...shape }: StructureShape,
  attributes: readonly Member[],
  protocol: XmlProtocol,
): ToXml {
  const members = shape.members.filter(({ xmlAttribute }) => !xmlAttribute);
  const content = structureXml({ ...shape, members }, protocol);
  const declared = xmlNamespace ? ` xmlns:${xmlNamespace.prefix}="${xmlNamespace.uri}"` : '';
  return (value, pieces) => {
    const given = value as Readonly<Record<string, unknown>>;
    pieces.push(`<${tag}${declared}`);
    for (const { name, locationName = name } of attributes) {
      if (given[name] !== undefined) pieces.push(` ${locationName}="${escapeXml(String(given[name]))}"`);
    }
    pieces.push('>');
    content(value, pieces);
    pieces.push(`</${tag}>`);
  };
}

function inTags(tag: string, content: ToXml): ToXml {
  const open = `<${tag}>`;
  const close = `</${tag}>`;
  const empty = `<${tag}/>`;
  return (value, pieces) => {
    const before = pieces.push(open);
    content(value, pieces);
    if (pieces.length === before) pieces[before - 1] = empty;
    else pieces.push(close);
  };
}

function listXml({ member }: ListShape, protocol: XmlProtocol, tag: string): ToXml {
  const write = inTags(tag, toXml(member.shape, protocol));
  return (value, pieces) => {
    for (const item of value as readonly unknown[]) {
      if (item !== undefined && item !== null) write(item, pieces);
    }
  };
}

function mapXml({ key, value: held }: MapShape, protocol: XmlProtocol, tag: string): ToXml {
  const writeKey = inTags(key.locationName ?? 'key', textXml);
  const writeValue = inTags(held.locationName ?? 'value', toXml(held.shape, protocol));
  return (value, pieces) => {
    for (const [name, entry] of Object.entries(value as object)) {
      if (entry === undefined || entry === null) continue;
      pieces.push(`<${tag}>`);
      writeKey(name, pieces);
      writeValue(entry, pieces);
      pieces.push(`</${tag}>`);
    }
  };
}

function scalarXml({ type, timestampFormat }: ScalarShape, protocol: XmlProtocol): ToXml {
  if (type === 'string') return textXml;
  if (type === 'timestamp') return textOf(timeText(protocol, timestampFormat));
  if (type === 'blob') return textOf((value) => Buffer.from(value as Uint8Array).toString('base64'));
  return textOf(String);
}

function timeText(protocol: XmlProtocol, format: string | undefined): (value: unknown) => string {
  if (protocol === 'query') return queryTime;
  return protocol === 'rest-xml' && format === 'rfc822' ? httpTimeOf : isoTimeOf;
}

/** An empty text is no piece: its element has no content. */
function textOf(write: (value: unknown) => string): ToXml {
  return (value, pieces) => {
    const text = write(value);
    if (text !== '') pieces.push(text);
  };
}

const textXml = textOf((value) => escapeXml(String(value)));

/** The query services write fractions of seconds only where there are any. */
const queryTime = (value: unknown): string => isoTimeOf(value).replace('.000Z', 'Z');
