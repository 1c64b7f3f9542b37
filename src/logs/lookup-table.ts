import type { Change } from '../store/index.ts';
import type { LookupDocument } from './catalog.ts';
import { formatCsv, parseCsv } from './csv.ts';
import type { Engine } from './engine.ts';
import { errors } from './errors.ts';
import { byName, lookupTableArn } from './names.ts';
import { pageByKey } from './pages.ts';
import type {
  CreateLookupTableRequest,
  DescribeLookupTablesRequest,
  DescribeLookupTablesResponse,
  LookupTable,
  UpdateLookupTableRequest,
} from './query-shapes.ts';
import { checkTags } from './tags.ts';
import { validate } from './validation.ts';

const maxTables = 100;
const maxBytes = 10 * 1024 * 1024;
const namePattern = '[a-zA-Z0-9_]+';

export async function createLookupTable(
  engine: Engine,
  request: CreateLookupTableRequest,
): Promise<{ readonly lookupTableArn: string; readonly createdAt: number }> {
  const { lookupTableName: name, description, tableBody, tags } = request;
  validate(request, {
    lookupTableName: { required: true, minLength: 1, maxLength: 256, pattern: namePattern },
    description: { maxLength: 1024 },
    tableBody: { required: true },
  });
  if (tags) checkTags(tags);
  const { lookupTables } = engine;
  const check = () => {
    if (lookupTables.get(name)) throw errors.lookupExists();
    if (lookupTables.size >= maxTables) throw errors.limitReached();
    return {
      name,
      ...(description === undefined ? {} : { description }),
      ...(tags ? { tags } : {}),
    };
  };
  const document = await writeTable(engine, tableBody, check);
  return { lookupTableArn: lookupTableArn(engine, name), createdAt: document.updateTime };
}

export async function updateLookupTable(
  engine: Engine,
  request: UpdateLookupTableRequest,
): Promise<{ readonly lookupTableArn: string; readonly lastUpdatedTime: number }> {
  validate(request, { description: { maxLength: 1024 }, tableBody: { required: true } });
  const check = () => {
    const known = knownTable(engine, request.lookupTableArn);
    const { description = known.description } = request;
    return {
      name: known.name,
      ...(description === undefined ? {} : { description }),
      ...(known.tags ? { tags: known.tags } : {}),
    };
  };
  const document = await writeTable(engine, request.tableBody, check);
  return { lookupTableArn: request.lookupTableArn, lastUpdatedTime: document.updateTime };
}

export async function deleteLookupTable(
  engine: Engine,
  request: { readonly lookupTableArn: string },
): Promise<void> {
  const { name, file } = knownTable(engine, request.lookupTableArn);
  await engine.catalog.commit({ documents: [engine.lookupTables.remove(name)] });
  await engine.store.removeLookup(file);
}

export function describeLookupTables(
  engine: Engine,
  request: DescribeLookupTablesRequest,
): DescribeLookupTablesResponse {
  const { lookupTableNamePrefix: prefix = '', maxResults = 50, nextToken } = request;
  validate(request, { maxResults: { min: 1, max: 100 } });
  const found = [...engine.lookupTables.values()]
    .filter(({ name }) => name.startsWith(prefix))
    .sort(byName(({ name }) => name));
  const { items, ...rest } = pageByKey(found, ({ name }) => name, maxResults, nextToken);
  return { ...rest, lookupTables: items.map((table) => describe(engine, table)) };
}

function describe(engine: Engine, table: LookupDocument): LookupTable {
  const { name, description, fields, records, bytes, updateTime } = table;
  return {
    lookupTableArn: lookupTableArn(engine, name),
    lookupTableName: name,
    ...(description === undefined ? {} : { description }),
    tableFields: fields,
    recordsCount: records,
    sizeBytes: bytes,
    lastUpdatedTime: updateTime,
  };
}

/** Files of lookup tables whose document never came to be, or is gone. */
export async function removeLostTables({ catalog, store }: Engine): Promise<void> {
  await store.keepLookups([...catalog.lookupTables.values()].map(({ file }) => file));
}

type Described = Pick<LookupDocument, 'name' | 'description' | 'tags'>;

/**
 * The content becomes a new file before the document names it, so that a query finds one whole version or the other.
 * @param check gives what the table is called, or throws; asked before, and again when the file is there
 */
async function writeTable(engine: Engine, body: string, check: () => Described): Promise<LookupDocument> {
  check();
  const { records, fields } = readTable(body);
  const documents: Change[] = [];
  const file = `table${engine.catalog.nextNumber('lookupTables', documents)}`;
  await engine.catalog.commit({ documents });
  await engine.store.putLookup(file, Buffer.from(formatCsv([fields, ...records])));
  const content = { file, fields, records: records.length, bytes: Buffer.byteLength(body) };
  try {
    return await nameTable(engine, content, check());
  } catch (error) {
    await engine.store.removeLookup(file);
    throw error;
  }
}

async function nameTable(
  { catalog, lookupTables, store, clock }: Engine,
  content: Pick<LookupDocument, 'file' | 'fields' | 'records' | 'bytes'>,
  described: Described,
): Promise<LookupDocument> {
  const document: LookupDocument = { ...described, ...content, updateTime: clock() };
  const before = lookupTables.get(described.name);
  await catalog.commit({ documents: [lookupTables.put(described.name, document)] });
  if (before) await store.removeLookup(before.file);
  return document;
}

function readTable(body: string): { fields: readonly string[]; records: readonly (readonly string[])[] } {
  if (Buffer.byteLength(body) > maxBytes) throw errors.badLookup('its body exceeds 10 MB');
  const [fields, ...records] = parseCsv(body.replace(/^\uFEFF/, '')) ?? [];
  if (!fields) throw errors.badLookup('its body is no CSV with a header');
  if (fields.some((field) => field === '')) throw errors.badLookup('a column of the header has no name');
  const names = new Set(fields.map((field) => field.toLowerCase()));
  if (names.size < fields.length) throw errors.badLookup('two columns of the header have one name');
  const wrong = records.findIndex((record) => record.length !== fields.length);
  if (wrong >= 0) {
    throw errors.badLookup(
      `record ${wrong + 1} has ${records[wrong].length} values, the header ${fields.length}`,
    );
  }
  return { fields, records };
}

function knownTable(engine: Engine, arn: string): LookupDocument {
  const beginning = lookupTableArn(engine, '');
  const table = arn.startsWith(beginning) ? engine.lookupTables.get(arn.slice(beginning.length)) : undefined;
  if (!table) throw errors.lookupMissing();
  return table;
}
