import type { LogGroup } from './catalog.ts';
import { changeGroup, type Engine, groupOf } from './engine.ts';
import { errors } from './errors.ts';
import { groupArn } from './names.ts';
import type { IndexPolicy, PutIndexPolicyRequest } from './shapes.ts';
import { validate } from './validation.ts';

const maxFields = 20;
const maxFieldLength = 100;

/** Kept and described. Every field of a flow log is a column: nothing is faster for being listed. */
export async function putIndexPolicy(
  engine: Engine,
  request: PutIndexPolicyRequest,
): Promise<{ readonly indexPolicy: IndexPolicy }> {
  const { logGroupIdentifier, policyDocument: document } = request;
  validate(request, {
    logGroupIdentifier: { required: true },
    policyDocument: { required: true, minLength: 1, maxLength: 5120 },
  });
  const group = groupOf(engine, logGroupIdentifier);
  checkPolicy(document);
  const indexPolicy = { document, updateTime: engine.clock() };
  await changeGroup(engine, group, { indexPolicy });
  return { indexPolicy: describe(engine, { ...group, indexPolicy })[0] };
}

function checkPolicy(document: string): void {
  let policy: unknown;
  try {
    policy = JSON.parse(document);
  } catch {
    throw errors.badPolicy('it is no JSON');
  }
  const fields =
    typeof policy === 'object' && policy !== null && 'Fields' in policy ? policy.Fields : undefined;
  if (!Array.isArray(fields) || fields.some((field) => typeof field !== 'string')) {
    throw errors.badPolicy('it has no list of Fields');
  }
  if (fields.length > maxFields) throw errors.badPolicy(`it has more than ${maxFields} Fields`);
  if (fields.some((field) => field.length === 0 || field.length > maxFieldLength)) {
    throw errors.badPolicy(`a field's name has 1 to ${maxFieldLength} characters`);
  }
}

export function describeIndexPolicies(
  engine: Engine,
  { logGroupIdentifiers }: { readonly logGroupIdentifiers: readonly string[] },
): { readonly indexPolicies: readonly IndexPolicy[] } {
  return {
    indexPolicies: logGroupIdentifiers.flatMap((identifier) => describe(engine, groupOf(engine, identifier))),
  };
}

export async function deleteIndexPolicy(
  engine: Engine,
  { logGroupIdentifier }: { readonly logGroupIdentifier: string },
): Promise<void> {
  const group = groupOf(engine, logGroupIdentifier);
  if (!group.indexPolicy) throw errors.policyMissing();
  await changeGroup(engine, group, { indexPolicy: undefined });
}

function describe(engine: Engine, { name, indexPolicy }: LogGroup): IndexPolicy[] {
  if (!indexPolicy) return [];
  return [
    {
      logGroupIdentifier: groupArn(engine, name),
      lastUpdateTime: indexPolicy.updateTime,
      policyDocument: indexPolicy.document,
      source: 'LOG_GROUP',
    },
  ];
}
