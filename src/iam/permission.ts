import type { Caller } from './caller.ts';

/** What a caller wants to do. */
export interface Permission {
  readonly caller: Caller;
  /** `ec2:CreateFlowLogs` */
  readonly action: string;
  /** An ARN, or `*` for actions that are about no resource. */
  readonly resource: string;
  /** The account that owns the resource; the caller's own when absent. */
  readonly resourceAccount?: string;
  /** Condition keys of the request and the resource, besides those that follow from the caller: `aws:SourceIp` … */
  readonly keys: Readonly<Record<string, string | readonly string[]>>;
  /** The policy of the resource itself, where it has one: a trust policy, a bucket policy. */
  readonly resourcePolicy?: string;
}

export interface Decision {
  readonly isAllowed: boolean;
  /** Whether some statement denied it, or none allowed it. */
  readonly reason: 'allowed' | 'explicit-deny' | 'implicit-deny';
  /** Which kind of policy decided: for AWS's sentence of denial. */
  readonly decidedBy: 'identity' | 'boundary' | 'session' | 'resource' | 'trust';
}
