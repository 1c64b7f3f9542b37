import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  Authorizer,
  type Caller,
  groups,
  type Permission,
  policies,
  roles,
  serviceCaller,
  users,
} from '../../src/iam/index.ts';
import { type Draft, iamPlace, Resources } from '../../src/resource/index.ts';
import { Store } from '../../src/store/index.ts';
import { elementCases } from './iam-evaluation/elements.ts';
import { account, type EvaluationCase, type Policy } from './iam-evaluation/evaluation-case.ts';
import { keyCases } from './iam-evaluation/keys.ts';
import { layerCases } from './iam-evaluation/layers.ts';
import { operatorCases } from './iam-evaluation/operators.ts';
import { principalCases } from './iam-evaluation/principals.ts';
import { trustCases } from './iam-evaluation/trust.ts';

const cases = [
  ...elementCases,
  ...principalCases,
  ...operatorCases,
  ...keyCases,
  ...layerCases,
  ...trustCases,
];
const directory = mkdtempSync(path.join(tmpdir(), 'iam-evaluation-'));
let store: Store;
let authorizer: Authorizer;

beforeAll(async () => {
  store = await Store.open({ directory, macros: [] });
  const resources = await Resources.open(store);
  await resources.write((draft) => {
    cases.forEach((one, number) => {
      putWorld(draft, one, accountOf(number));
    });
  });
  authorizer = new Authorizer(resources);
});
afterAll(async () => {
  await store.close();
  rmSync(directory, { recursive: true });
});

/** Every case has an account of its own in the place of `account`. */
function accountOf(number: number): string {
  return String(700_000_000_000 + number);
}

function textOf(policy: Policy, accountId: string): string {
  const document = Array.isArray(policy) ? { Version: '2012-10-17', Statement: policy } : policy;
  return JSON.stringify(document).replaceAll(account, accountId);
}

function putWorld(draft: Draft, one: EvaluationCase, accountId: string): void {
  const place = iamPlace(accountId);
  const boundaryArn = `arn:aws:iam::${accountId}:policy/boundary`;
  const entity = {
    Path: '/',
    CreateDate: '2026-01-01T00:00:00Z',
    Tags: [{ Key: 'team', Value: 'red' }],
    inlinePolicies: one.identity ? { own: textOf(one.identity, accountId) } : {},
    attachedPolicies: (one.attached ?? []).map((name) => `arn:aws:iam::aws:policy/${name}`),
    ...(one.boundary ? { PermissionsBoundary: boundaryArn } : {}),
  };
  const Arn = `arn:aws:iam::${accountId}:user/alice`;
  draft.put(users, place, 'alice', { ...entity, UserName: 'alice', UserId: 'AIDAALICE', Arn });
  draft.put(roles, place, 'worker', {
    ...entity,
    RoleName: 'worker',
    RoleId: 'AROAWORKER',
    Arn: `arn:aws:iam::${accountId}:role/worker`,
    AssumeRolePolicyDocument: '',
    MaxSessionDuration: 3600,
  });
  if (one.group) {
    draft.put(groups, place, 'crew', {
      ...entity,
      GroupName: 'crew',
      GroupId: 'AGPACREW',
      Arn: `arn:aws:iam::${accountId}:group/crew`,
      inlinePolicies: { crew: textOf(one.group, accountId) },
      attachedPolicies: [],
      members: ['alice'],
    });
  }
  if (one.boundary) putBoundary(draft, boundaryArn, textOf(one.boundary, accountId), accountId);
}

function putBoundary(draft: Draft, Arn: string, Document: string, accountId: string): void {
  const CreateDate = '2026-01-01T00:00:00Z';
  draft.put(policies, iamPlace(accountId), Arn, {
    PolicyName: 'boundary',
    PolicyId: 'ANPABOUNDARY',
    Path: '/',
    Arn,
    DefaultVersionId: 'v2',
    CreateDate,
    UpdateDate: CreateDate,
    Tags: [],
    versions: [
      { VersionId: 'v1', CreateDate, Document: '{"Version":"2012-10-17","Statement":[]}' },
      { VersionId: 'v2', CreateDate, Document },
    ],
    nextVersion: 3,
  });
}

function callerOf(one: EvaluationCase, accountId: string): Caller {
  switch (one.who ?? 'user') {
    case 'root':
      return { kind: 'root', accountId, arn: `arn:aws:iam::${accountId}:root`, userId: accountId };
    case 'service':
      return serviceCaller('vpc-flow-logs.amazonaws.com');
    case 'user':
      return {
        kind: 'user',
        accountId,
        arn: `arn:aws:iam::${accountId}:user/alice`,
        userId: 'AIDAALICE',
        userName: 'alice',
      };
    case 'session': {
      const worker = authorizer.roleSession(
        {
          RoleName: 'worker',
          RoleId: 'AROAWORKER',
          Path: '/',
          Arn: `arn:aws:iam::${accountId}:role/worker`,
          CreateDate: '',
          AssumeRolePolicyDocument: '',
          MaxSessionDuration: 3600,
          Tags: [],
          inlinePolicies: {},
          attachedPolicies: [],
        },
        'night',
      );
      const limits = (one.session ?? []).map((policy) => textOf(policy, accountId));
      return { ...worker, session: { ...worker.session!, policies: limits, tags: one.sessionTags ?? {} } };
    }
  }
}

function permissionOf(one: EvaluationCase, number: number): Permission {
  const accountId = accountOf(number);
  const local = (text: string) => text.replaceAll(account, accountId);
  return {
    caller: callerOf(one, accountId),
    action: one.action,
    resource: local(one.on ?? '*'),
    keys: JSON.parse(local(JSON.stringify(one.keys ?? {}))),
    ...(one.owner ? { resourceAccount: local(one.owner) } : {}),
    ...(one.resource ? { resourcePolicy: textOf(one.resource, accountId) } : {}),
  };
}

describe('IAM decides as AWS documents it', () => {
  it('looks at many cases', () => {
    expect(cases.length).toBeGreaterThan(200);
    expect(new Set(cases.map(({ name, page }) => `${page}: ${name}`)).size).toBe(cases.length);
  });

  it.each(cases.map((one, number) => ({ ...one, number })))('$page: $name', (one) => {
    const decision = authorizer.decide(permissionOf(one, one.number));
    expect(decision.reason).toBe(one.expect);
    expect(decision.isAllowed).toBe(one.expect === 'allowed');
    if (one.by) expect(decision.decidedBy).toBe(one.by);
  });
});
