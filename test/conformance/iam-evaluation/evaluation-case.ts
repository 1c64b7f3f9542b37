import type { Decision, Permission } from '../../../src/iam/index.ts';

/** The account of whoever asks; every case gets one of its own in its place. */
export const account = '111122223333';
export const otherAccount = '444455556666';
export const user = `arn:aws:iam::${account}:user/alice`;
export const role = `arn:aws:iam::${account}:role/worker`;
export const session = `arn:aws:sts::${account}:assumed-role/worker/night`;
export const root = `arn:aws:iam::${account}:root`;
export const flowLog = `arn:aws:ec2:eu-west-1:${account}:vpc-flow-log/fl-1`;

export type Statement = Readonly<Record<string, unknown>>;

/** Documents: statements, or a whole policy where its version counts. */
export type Policy = readonly Statement[] | { readonly Version?: string; readonly Statement: unknown };

export interface EvaluationCase {
  readonly name: string;
  /** The page of AWS's documentation that the case comes from, by its title. */
  readonly page: string;
  /** `user` when absent: alice, with tag `team` = `red`; `session`: worker/night; `service`: vpc-flow-logs. */
  readonly who?: 'user' | 'session' | 'root' | 'service';
  /** Of the user, or of the session's role. */
  readonly identity?: Policy;
  readonly attached?: readonly string[];
  readonly group?: Policy;
  readonly boundary?: Policy;
  readonly session?: readonly Policy[];
  readonly sessionTags?: Readonly<Record<string, string>>;
  readonly resource?: Policy;
  readonly owner?: string;
  readonly action: string;
  /** `*` when absent. */
  readonly on?: string;
  readonly keys?: Permission['keys'];
  readonly expect: 'allowed' | 'explicit-deny' | 'implicit-deny';
  readonly by?: Decision['decidedBy'];
}

export function allow(
  Action: string | readonly string[],
  Resource: string | readonly string[] = '*',
): Statement {
  return { Effect: 'Allow', Action, Resource };
}

export function deny(
  Action: string | readonly string[],
  Resource: string | readonly string[] = '*',
): Statement {
  return { Effect: 'Deny', Action, Resource };
}

export function allowIf(Condition: unknown): Statement {
  return { Effect: 'Allow', Action: '*', Resource: '*', Condition };
}

export function denyIf(Condition: unknown): Statement {
  return { Effect: 'Deny', Action: '*', Resource: '*', Condition };
}

/** Of a resource's policy. */
export function grant(AWS: string | readonly string[], Action: string, more: Statement = {}): Statement {
  return { Effect: 'Allow', Principal: { AWS }, Action, Resource: '*', ...more };
}

/** Of a trust policy. */
export function trust(Principal: unknown, Condition?: unknown): Statement {
  return { Effect: 'Allow', Principal, Action: 'sts:AssumeRole', ...(Condition ? { Condition } : {}) };
}

/** A variable of a policy. */
export function variable(inside: string): string {
  return `\${${inside}}`;
}

/** What is asked where only conditions count. */
export const act = { action: 'ec2:CreateVpc' } as const;

/** A condition on one key, with what the request has of it. */
export function asked(
  name: string,
  page: string,
  condition: unknown,
  keys: EvaluationCase['keys'],
  expect: EvaluationCase['expect'],
): EvaluationCase {
  return { ...act, name, page, identity: [allowIf(condition)], ...(keys ? { keys } : {}), expect };
}
