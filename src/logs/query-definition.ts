import { randomUUID } from 'node:crypto';
import type { Engine } from './engine.ts';
import { errors } from './errors.ts';
import { byName } from './names.ts';
import { pageByKey } from './pages.ts';
import type {
  DescribeQueryDefinitionsRequest,
  DescribeQueryDefinitionsResponse,
  PutQueryDefinitionRequest,
  QueryDefinition,
  QueryParameter,
} from './query-shapes.ts';
import { validate } from './validation.ts';

const maxDefinitions = 1_000;
const placeholder = /\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}/g;

export async function putQueryDefinition(
  engine: Engine,
  request: PutQueryDefinitionRequest,
): Promise<{ readonly queryDefinitionId: string }> {
  const { name, queryString, logGroupNames = [], parameters, queryLanguage = 'CWLI' } = request;
  validate(request, {
    name: { required: true, minLength: 1, maxLength: 255 },
    queryString: { required: true, minLength: 1, maxLength: 10_000 },
    queryDefinitionId: { maxLength: 256 },
    parameters: { maxLength: 20 },
  });
  if (queryLanguage !== 'CWLI') throw errors.languageUnsupported(queryLanguage);
  checkParameters(queryString, parameters ?? []);
  const { queryDefinitions } = engine;
  const { queryDefinitionId = randomUUID() } = request;
  if (request.queryDefinitionId !== undefined && !queryDefinitions.get(queryDefinitionId)) {
    throw errors.definitionMissing();
  }
  if (request.queryDefinitionId === undefined && queryDefinitions.size >= maxDefinitions) {
    throw errors.limitReached();
  }
  const definition: QueryDefinition = {
    queryLanguage: 'CWLI',
    queryDefinitionId,
    name,
    queryString,
    lastModified: engine.clock(),
    logGroupNames,
    ...(parameters ? { parameters } : {}),
  };
  await engine.catalog.commit({ documents: [queryDefinitions.put(queryDefinitionId, definition)] });
  return { queryDefinitionId };
}

/** A definition that names what it does not have could never be run. */
function checkParameters(queryString: string, parameters: readonly QueryParameter[]): void {
  const known = new Set(parameters.map(({ name }) => name));
  for (const [, name] of queryString.matchAll(placeholder)) {
    if (!known.has(name)) throw errors.undeclaredParameter(name);
  }
}

export function describeQueryDefinitions(
  engine: Engine,
  request: DescribeQueryDefinitionsRequest,
): DescribeQueryDefinitionsResponse {
  const { queryDefinitionNamePrefix: prefix = '', maxResults = 1000, nextToken } = request;
  validate(request, { maxResults: { min: 1, max: 1000 } });
  const key = ({ name, queryDefinitionId }: QueryDefinition) => `${name}\0${queryDefinitionId}`;
  const found = [...engine.queryDefinitions.values()]
    .filter(({ name }) => name.startsWith(prefix))
    .sort(byName(key));
  const { items, ...rest } = pageByKey(found, key, maxResults, nextToken);
  return { ...rest, queryDefinitions: items };
}

export async function deleteQueryDefinition(
  engine: Engine,
  { queryDefinitionId }: { readonly queryDefinitionId: string },
): Promise<{ readonly success: boolean }> {
  const { queryDefinitions } = engine;
  if (!queryDefinitions.get(queryDefinitionId)) throw errors.definitionMissing();
  await engine.catalog.commit({ documents: [queryDefinitions.remove(queryDefinitionId)] });
  return { success: true };
}
