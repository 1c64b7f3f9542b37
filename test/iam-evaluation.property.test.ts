import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Authorizer, type Caller, policies, roles, users } from '../src/iam/index.ts';
import type { Kind, ResourceView } from '../src/resource/index.ts';
import { type SecondPolicies, type SecondPolicy, secondOpinion } from './iam-second-opinion.ts';
import { runs } from './runs.ts';

const accountId = '111122223333';
const otherId = '444455556666';
const userArn = `arn:aws:iam::${accountId}:user/alice`;
const roleArn = `arn:aws:iam::${accountId}:role/worker`;
const sessionArn = `arn:aws:sts::${accountId}:assumed-role/worker/night`;
const boundaryArn = `arn:aws:iam::${accountId}:policy/boundary`;

const variable = `\${s3:prefix}`;
const actionName = fc.constantFrom('s3:Get', 's3:Put', 'ec2:Get');
const actionPattern = fc.constantFrom('s3:Get', 'S3:get', 's3:*', 's3:?et', '*', 'ec2:*', '*:Get', 's3:P*t');
const resourceName = fc.constantFrom(
  'arn:aws:s3:::a',
  'arn:aws:s3:::a/x',
  'arn:aws:s3:::a/x/y',
  'arn:aws:s3:::b',
  '*',
);
const resourcePattern = fc.constantFrom(
  '*',
  'arn:aws:s3:::a',
  'arn:aws:s3:::a/*',
  'arn:aws:s3:::*/y',
  'arn:aws:s3:::?',
  `arn:aws:s3:::a/${variable}`,
  `arn:aws:s3:::a/${variable}/*`,
);
const text = fc.constantFrom('x', 'X', 'xy', '', '*', 'x/y');
const number = fc.constantFrom('1', '2', '10', '2.0');
const keys = fc.record(
  {
    's3:prefix': fc.array(
      text.filter((one) => one !== ''),
      { minLength: 1, maxLength: 2 },
    ),
    'aws:TagKeys': fc.array(
      text.filter((one) => one !== ''),
      { maxLength: 3 },
    ),
    's3:max-keys': fc.array(number, { minLength: 1, maxLength: 1 }),
  },
  { requiredKeys: [] },
);

function oneOrMore<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | T[]> {
  return fc.oneof(arbitrary, fc.array(arbitrary, { minLength: 1, maxLength: 3 }));
}

const setOperator = fc.constantFrom('', '', 'ForAllValues:', 'ForAnyValue:');
const ifExists = fc.constantFrom('', '', 'IfExists');
const textOperator = fc.constantFrom(
  'StringEquals',
  'StringNotEquals',
  'StringLike',
  'StringNotLike',
  'StringEqualsIgnoreCase',
  'StringNotEqualsIgnoreCase',
);
const numberOperator = fc.constantFrom(
  'NumericEquals',
  'NumericNotEquals',
  'NumericLessThan',
  'NumericGreaterThanEquals',
);
const textKey = fc.constantFrom('s3:prefix', 'aws:TagKeys');

function block(
  operator: fc.Arbitrary<string>,
  key: fc.Arbitrary<string>,
  value: fc.Arbitrary<string>,
): fc.Arbitrary<Record<string, unknown>> {
  return fc
    .tuple(setOperator, operator, ifExists, key, oneOrMore(value))
    .map(([set, name, exists, of, values]) => ({ [`${set}${name}${exists}`]: { [of]: values } }));
}

const condition = fc
  .array(
    fc.oneof(
      block(textOperator, textKey, fc.oneof(text, fc.constantFrom('x*', '?', variable))),
      block(numberOperator, fc.constant('s3:max-keys'), number),
      fc.tuple(textKey, fc.constantFrom('true', 'false')).map(([of, value]) => ({ Null: { [of]: value } })),
    ),
    { maxLength: 2 },
  )
  .map((blocks) => Object.assign({}, ...blocks) as Record<string, unknown>);

function statement(principal: fc.Arbitrary<unknown> | undefined): fc.Arbitrary<Record<string, unknown>> {
  return fc
    .record({
      effect: fc.constantFrom('Allow', 'Allow', 'Allow', 'Deny'),
      action: oneOrMore(actionPattern),
      isNotAction: fc.integer({ min: 0, max: 5 }).map((one) => one === 0),
      resource: oneOrMore(resourcePattern),
      isNotResource: fc.integer({ min: 0, max: 5 }).map((one) => one === 0),
      condition: fc.option(condition, { nil: undefined }),
      principal: principal ?? fc.constant(undefined),
    })
    .map((one) => ({
      Effect: one.effect,
      [one.isNotAction ? 'NotAction' : 'Action']: one.action,
      [one.isNotResource ? 'NotResource' : 'Resource']: one.resource,
      ...(one.condition ? { Condition: one.condition } : {}),
      ...(one.principal === undefined ? {} : { Principal: one.principal }),
    }));
}

function policy(principal?: fc.Arbitrary<unknown>): fc.Arbitrary<SecondPolicy> {
  return fc
    .tuple(
      fc.constantFrom('2012-10-17', '2012-10-17', '2008-10-17', undefined),
      fc.array(statement(principal), { minLength: 1, maxLength: 3 }),
    )
    .map(([Version, Statement]) => ({ ...(Version ? { Version } : {}), Statement }));
}

const principal = fc.oneof(
  fc.constant('*'),
  oneOrMore(
    fc.constantFrom(userArn, roleArn, sessionArn, accountId, `arn:aws:iam::${accountId}:root`, otherId),
  ).map((AWS) => ({ AWS })),
);
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const policySet = fc.record({
  identity: fc.array(policy(), { maxLength: 2 }),
  boundary: optional(policy()),
  session: optional(policy()),
  resource: optional(policy(principal)),
});

/** One user and one role with the same policies. */
function viewOf({ identity, boundary }: SecondPolicies): ResourceView {
  const entity = {
    inlinePolicies: Object.fromEntries(identity.map((one, i) => [`p${i}`, JSON.stringify(one)])),
    attachedPolicies: [],
    Tags: [],
    ...(boundary ? { PermissionsBoundary: boundaryArn } : {}),
  };
  const resources: Readonly<Record<string, unknown>> = {
    [users.name]: { ...entity, Arn: userArn, UserName: 'alice', UserId: 'AIDA' },
    [roles.name]: { ...entity, Arn: roleArn, RoleName: 'worker', RoleId: 'AROA' },
    [policies.name]: {
      DefaultVersionId: 'v1',
      versions: [{ VersionId: 'v1', Document: JSON.stringify(boundary) }],
    },
  };
  return {
    get: <T>(kind: Kind<T>) => resources[kind.name] as T,
    list: () => [],
    entries: () => [],
    places: () => [],
  };
}

function callerOf(isSession: boolean, session: SecondPolicy | undefined): Caller {
  if (!isSession) return { kind: 'user', accountId, arn: userArn, userId: 'AIDA', userName: 'alice' };
  return {
    kind: 'role-session',
    accountId,
    arn: sessionArn,
    userId: 'AROA:night',
    session: {
      roleArn,
      roleId: 'AROA',
      sessionName: 'night',
      policies: session ? [JSON.stringify(session)] : [],
      tags: {},
      issuedMs: 0,
      expiresMs: 0,
    },
  };
}

describe('random policies', () => {
  it('are decided as a second evaluator decides them', () => {
    const verdicts = new Map<string, number>();
    fc.assert(
      fc.property(
        policySet,
        actionName,
        resourceName,
        keys,
        fc.boolean(),
        fc.boolean(),
        (documents, action, resource, given, isSession, isForeign) => {
          const ownerId = isForeign ? otherId : accountId;
          const caller = callerOf(isSession, documents.session);
          const decision = new Authorizer(viewOf(documents)).decide({
            caller,
            action,
            resource,
            resourceAccount: ownerId,
            keys: given as Record<string, string[]>,
            ...(documents.resource ? { resourcePolicy: JSON.stringify(documents.resource) } : {}),
          });
          const expected = secondOpinion(isSession ? documents : { ...documents, session: undefined }, {
            action,
            resource,
            keys: given as Record<string, string[]>,
            userArn: caller.arn,
            roleArn: isSession ? roleArn : undefined,
            accountId,
            ownerId,
          });
          verdicts.set(expected, (verdicts.get(expected) ?? 0) + 1);
          expect(decision.reason).toBe(
            { allow: 'allowed', deny: 'explicit-deny', none: 'implicit-deny' }[expected],
          );
        },
      ),
      { numRuns: runs(2_500, 40_000) },
    );
    for (const verdict of ['allow', 'deny', 'none'])
      expect(verdicts.get(verdict), verdict).toBeGreaterThan(120);
  });
});
