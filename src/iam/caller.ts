/** Who signed a request. */
export interface Caller {
  readonly kind: 'root' | 'user' | 'role-session' | 'service';
  readonly accountId: string;
  /** As GetCallerIdentity tells it: `arn:aws:iam::…:user/admin`, `arn:aws:sts::…:assumed-role/name/session`. */
  readonly arn: string;
  /** GetCallerIdentity's UserId: `AIDA…`, for a session `AROA…:session`, for root the account. */
  readonly userId: string;
  readonly userName?: string;
  readonly session?: CallerSession;
  /** Of a user who signs with what GetSessionToken gave him, and when it did; milliseconds since 1970. */
  readonly tokenIssuedMs?: number;
  /** Of a service: `vpc-flow-logs.amazonaws.com`. */
  readonly service?: string;
}

/** What a role session has besides its role's policies. */
export interface CallerSession {
  readonly roleArn: string;
  readonly roleId: string;
  readonly sessionName: string;
  /** Documents that limit it; empty: nothing does. */
  readonly policies: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  /** Tags that a role assumed from this session gets too. */
  readonly transitiveTagKeys?: readonly string[];
  /** Who is behind it (`aws:SourceIdentity`): once set, it stays along a chain of roles. */
  readonly sourceIdentity?: string;
  readonly issuedMs: number;
  readonly expiresMs: number;
}
