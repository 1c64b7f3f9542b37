import type { Caller } from './caller.ts';
import type { KeyValues } from './condition.ts';
import type { Tag } from './kinds.ts';
import type { Permission } from './permission.ts';
import type { VariableValue } from './template.ts';

/** What conditions ask of one request. */
export interface RequestKeys {
  readonly valuesOf: KeyValues;
  readonly variableOf: VariableValue;
}

/** Made when the first condition asks: most statements have none. `clock`: of requests that do not tell their time. */
export function requestKeys(
  permission: Permission,
  principalTags: () => readonly Tag[],
  clock?: () => number,
): RequestKeys {
  let keys: ReadonlyMap<string, readonly string[]> | undefined;
  const valuesOf: KeyValues = (key) => {
    keys ??= keysOf(permission, principalTags(), clock?.());
    return keys.get(key);
  };
  return { valuesOf, variableOf: (key) => onlyOne(valuesOf(key)) };
}

/** A key with several values is no variable. */
function onlyOne(values: readonly string[] | undefined): string | undefined {
  return values?.length === 1 ? values[0] : undefined;
}

function keysOf(
  { caller, keys, resource, resourceAccount }: Permission,
  principalTags: readonly Tag[],
  nowMs: number | undefined,
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  const add = (name: string, values: string | readonly string[] | undefined) => {
    if (values !== undefined) found.set(name.toLowerCase(), typeof values === 'string' ? [values] : values);
  };
  if (nowMs !== undefined) {
    add('aws:CurrentTime', new Date(nowMs).toISOString());
    add('aws:EpochTime', String(Math.floor(nowMs / 1000)));
  }
  if (resource !== '*') add('aws:ResourceAccount', resourceAccount ?? caller.accountId);
  for (const [name, values] of Object.entries(keys)) add(name, values);
  for (const { Key, Value } of principalTags) add(`aws:PrincipalTag/${Key}`, Value);
  for (const [name, value] of Object.entries(callerKeys(caller))) add(name, value);
  return found;
}

/** "AWS global condition context keys", as far as they follow from the caller; nobody else can give these. */
function callerKeys(caller: Caller): Readonly<Record<string, string | undefined>> {
  if (caller.kind === 'service') {
    return {
      'aws:PrincipalIsAWSService': 'true',
      'aws:PrincipalServiceName': caller.service,
      'aws:PrincipalServiceNamesList': caller.service,
      'aws:PrincipalType': 'Service',
    };
  }
  const issuedMs = caller.session?.issuedMs ?? caller.tokenIssuedMs;
  const { session } = caller;
  return {
    'aws:PrincipalIsAWSService': 'false',
    'aws:ViaAWSService': 'false',
    'aws:PrincipalArn': session?.roleArn ?? caller.arn,
    'aws:PrincipalAccount': caller.accountId,
    'aws:PrincipalType': principalTypes[caller.kind],
    'aws:userid': caller.userId,
    'aws:username': caller.kind === 'user' ? caller.userName : undefined,
    'aws:TokenIssueTime': issuedMs === undefined ? undefined : new Date(issuedMs).toISOString(),
    'aws:MultiFactorAuthPresent': issuedMs === undefined ? undefined : 'false',
  };
}

const principalTypes = { root: 'Account', user: 'User', 'role-session': 'AssumedRole' } as const;
