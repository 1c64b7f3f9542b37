import { scalarReaders } from './form-input.ts';
import type { ListShape, MapShape, Member, ScalarShape, Shape, StructureShape } from './model.ts';
import { parseHttpTime } from './timestamps.ts';
import { localName, malformedXml, XmlReader } from './xml-reader.ts';

type Structure = Record<string, unknown>;

/**
 * A structure from an XML document. Elements that the model does not have are passed over.
 * @param rootName of the document; any when absent
 * @throws ServiceError MalformedXML
 */
export function readXml(bytes: Uint8Array, shape: StructureShape, rootName: string | undefined): Structure {
  const reader = new XmlReader(bytes);
  const root = reader.openRoot();
  if (rootName !== undefined && root !== rootName) throw malformedXml();
  const structure = readStructure(reader, shape);
  reader.end();
  return structure;
}

/** Members by the names of their elements, which are looked up for each. */
const elements = new WeakMap<StructureShape, ReadonlyMap<string, Member>>();

function elementsOf(shape: StructureShape): ReadonlyMap<string, Member> {
  const known = elements.get(shape);
  if (known) return known;
  const found = new Map(
    shape.members
      .filter(({ location, xmlAttribute }) => location === undefined && !xmlAttribute)
      .map((member) => [member.locationName ?? member.name, member] as const),
  );
  elements.set(shape, found);
  return found;
}

/** Its element has been opened. */
function readStructure(reader: XmlReader, shape: StructureShape): Structure {
  const structure = readAttributes(reader, shape);
  const members = elementsOf(shape);
  for (let token = reader.next(); token !== 'close'; token = reader.next()) {
    if (token === 'text') checkSpace(reader);
    else readMember(reader, members.get(reader.name), structure);
  }
  return structure;
}

function readAttributes({ attributes }: XmlReader, { members }: StructureShape): Structure {
  const structure: Structure = {};
  if (attributes.size === 0) return structure;
  for (const { name, locationName = name, xmlAttribute } of members) {
    if (!xmlAttribute) continue;
    const wanted = localName(locationName);
    const found = [...attributes].find(([each]) => localName(each) === wanted && !each.startsWith('xmlns'));
    if (found) structure[name] = found[1];
  }
  return structure;
}

function readMember(reader: XmlReader, member: Member | undefined, structure: Structure): void {
  if (!member) {
    reader.skip();
    return;
  }
  const { name, shape, flattened } = member;
  const isFlat = flattened ?? ((shape.type === 'list' || shape.type === 'map') && shape.flattened);
  if (!isFlat) {
    if (structure[name] !== undefined) throw malformedXml();
    structure[name] = readValue(reader, shape);
  } else if (shape.type === 'list') {
    structure[name] ??= [];
    (structure[name] as unknown[]).push(readValue(reader, shape.member.shape));
  } else if (shape.type === 'map') {
    structure[name] ??= {};
    readEntry(reader, shape, structure[name] as Structure);
  }
}

function readValue(reader: XmlReader, shape: Shape): unknown {
  if (shape.type === 'structure') return readStructure(reader, shape);
  if (shape.type === 'list') return readList(reader, shape);
  if (shape.type === 'map') return readMap(reader, shape);
  return readScalar(reader, shape);
}

function readList(reader: XmlReader, { member }: ListShape): unknown[] {
  const items: unknown[] = [];
  const name = member.locationName ?? 'member';
  for (let token = reader.next(); token !== 'close'; token = reader.next()) {
    if (token === 'text') checkSpace(reader);
    else if (reader.name === name) items.push(readValue(reader, member.shape));
    else reader.skip();
  }
  return items;
}

function readMap(reader: XmlReader, shape: MapShape): Structure {
  const map: Structure = {};
  for (let token = reader.next(); token !== 'close'; token = reader.next()) {
    if (token === 'text') checkSpace(reader);
    else if (reader.name === 'entry') readEntry(reader, shape, map);
    else reader.skip();
  }
  return map;
}

function readEntry(reader: XmlReader, { key, value }: MapShape, map: Structure): void {
  const { key: found, value: held } = readStructure(reader, {
    name: '',
    type: 'structure',
    members: [
      { ...key, name: 'key' },
      { ...value, name: 'value' },
    ],
  });
  if (typeof found !== 'string' || held === undefined) throw malformedXml();
  Object.defineProperty(map, found, { value: held, enumerable: true, configurable: true, writable: true });
}

function readScalar(reader: XmlReader, { type, timestampFormat }: ScalarShape): unknown {
  const pieces: string[] = [];
  for (let token = reader.next(); token !== 'close'; token = reader.next()) {
    if (token === 'open') throw malformedXml();
    pieces.push(reader.text);
  }
  const text = pieces.join('');
  if (type === 'string') return text;
  const isHttpTime = type === 'timestamp' && timestampFormat === 'rfc822';
  const value = isHttpTime ? parseHttpTime(text.trim()) : scalarReaders[type](text.trim());
  if (value === undefined) throw malformedXml();
  return value;
}

function checkSpace({ text }: XmlReader): void {
  if (text.trim() !== '') throw malformedXml();
}
