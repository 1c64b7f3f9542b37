import type { Caller } from '../iam/index.ts';
import type { Place } from '../resource/index.ts';
import type { PageTokens } from '../wire/index.ts';

/** Something that the caller must be allowed. */
export interface Target {
  /** An ARN; `*` for actions that are about no resource. */
  readonly resource: string;
  /** Another action than the one that was called: `iam:PassRole`. */
  readonly action?: string;
  /** The account that owns the resource, when it is not the caller's. */
  readonly account?: string;
  /** Condition keys of the resource and of what is asked: `ec2:Vpc`, `aws:RequestTag/Name`, `iam:PassedToService`. */
  readonly keys?: Readonly<Record<string, string | readonly string[]>>;
  /** The policy of the resource itself: a trust policy. */
  readonly resourcePolicy?: string;
}

/** A request, as an action sees it besides its input. */
export interface Call {
  readonly requestId: string;
  readonly service: string;
  /** As AWS names it: `DescribeFlowLogs`. */
  readonly action: string;
  /** The caller's account, and the Region that the request was signed for. */
  readonly place: Place;
  readonly caller: Caller;
  readonly nowMs: number;
  /** Ends when the client has gone. */
  readonly signal: AbortSignal;
  /** Scheme and host as the client calls us: `http://127.0.0.1:4650`. */
  readonly origin: string;
  /** For tokens of the next page; see `pageByKey`. */
  readonly tokens: PageTokens;
  /** @throws ServiceError as the service denies: `UnauthorizedOperation`, `AccessDenied`, `AccessDeniedException` */
  require(target: Target): void;
  isAllowed(target: Target): boolean;
}

/**
 * One action of a service. Before `run`, the server has decoded the input, checked it against the model's constraints,
 * asked IAM about every target, and answered DryRun.
 */
export interface Action<Input = never, Output = unknown> {
  /** Whoever has credentials may: policies are not asked. */
  readonly isOpen?: true;
  /**
   * What the caller must be allowed; `*` when absent or when it names nothing. Called with checked input; may throw what
   * `run` would.
   */
  readonly targets?: (input: Input, call: Call) => readonly Target[];
  /**
   * Throws ServiceErrors. Times in the output are Dates, ISO 8601 texts or epoch milliseconds. An action with an event
   * stream gives an async iterable of `{ memberName: payload }`. Of REST services, a body that streams comes in as a
   * `BodyStream` and goes out as an async iterable; the member `httpStatus` of the output is the answer's status where
   * that is not the model's (206, 304).
   */
  readonly run: (input: Input, call: Call) => Output | Promise<Output>;
}

/** The actions of one service, by AWS's names. */
export interface ServiceApi {
  /** The name of the model: `ec2`, `logs`, `iam`, `sts`, `cloudwatch`, `oam`, `resourcegroupstaggingapi`. */
  readonly service: string;
  readonly actions: Readonly<Record<string, Action>>;
}
