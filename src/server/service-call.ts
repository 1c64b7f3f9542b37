import type { Call, Target } from '../api/index.ts';
import { type Caller, denialSentence, type Permission } from '../iam/index.ts';
import type { Place } from '../resource/index.ts';
import type { PageTokens, Routed, VerifiedSignature } from '../wire/index.ts';
import type { RequestHead } from './request-head.ts';
import type { PermissionSource } from './server-options.ts';
import { denied } from './service-faults.ts';

/** Prefixes of IAM's actions, where they are not the model's name. */
const iamPrefixes: Readonly<Record<string, string>> = {
  resourcegroupstaggingapi: 'tag',
  s3control: 's3',
};

export interface CallParts {
  readonly head: RequestHead;
  readonly requestId: string;
  readonly routed: Routed;
  readonly signature: VerifiedSignature<Caller>;
  readonly nowMs: number;
  readonly signal: () => AbortSignal;
  readonly tokens: PageTokens;
  readonly authorizer: PermissionSource;
}

/** A signed request, and what its caller may. */
export class ServiceCall implements Call {
  readonly requestId: string;
  readonly service: string;
  readonly action: string;
  readonly place: Place;
  readonly caller: Caller;
  readonly nowMs: number;
  readonly origin: string;
  readonly tokens: PageTokens;
  readonly #parts: CallParts;
  #keys: Readonly<Record<string, string>> | undefined;
  #signal: AbortSignal | undefined;

  constructor(parts: CallParts) {
    const { requestId, routed, signature, nowMs, tokens, head } = parts;
    this.requestId = requestId;
    this.service = routed.service.name;
    this.action = routed.operation.name;
    this.place = { accountId: signature.caller.accountId, region: signature.region };
    this.caller = signature.caller;
    this.nowMs = nowMs;
    this.origin = `${head.isSecure ? 'https' : 'http'}://${head.host ?? ''}`;
    this.tokens = tokens;
    this.#parts = parts;
  }

  get signal(): AbortSignal {
    this.#signal ??= this.#parts.signal();
    return this.#signal;
  }

  require(target: Target): void {
    const permission = this.#permission(target);
    const decision = this.#parts.authorizer.decide(permission);
    if (!decision.isAllowed) {
      throw denied(this.#parts.routed.protocol, denialSentence(permission, decision));
    }
  }

  isAllowed(target: Target): boolean {
    return this.#parts.authorizer.decide(this.#permission(target)).isAllowed;
  }

  /** Most policies have no conditions: keys are made when they are asked for. */
  #permission({ resource, action, account, keys, resourcePolicy }: Target): Permission {
    const ownKeys = () => this.#conditionKeys();
    return {
      caller: this.caller,
      action: action ?? `${iamPrefixes[this.service] ?? this.service}:${this.action}`,
      resource,
      get keys() {
        return { ...keys, ...ownKeys() };
      },
      ...(account !== undefined && { resourceAccount: account }),
      ...(resourcePolicy !== undefined && { resourcePolicy }),
    };
  }

  #conditionKeys(): Readonly<Record<string, string>> {
    this.#keys ??= conditionKeys(this.#parts);
    return this.#keys;
  }
}

/** "AWS global condition context keys" of the request; those of the caller are the authorizer's. */
function conditionKeys({ head, nowMs, signature }: CallParts): Readonly<Record<string, string>> {
  const userAgent = head.table.get('user-agent');
  const referer = head.table.get('referer');
  return {
    'aws:SourceIp': head.clientAddress,
    'aws:SecureTransport': String(head.isSecure),
    'aws:CurrentTime': new Date(nowMs).toISOString(),
    'aws:EpochTime': String(Math.floor(nowMs / 1000)),
    'aws:RequestedRegion': signature.region,
    ...(userAgent !== undefined && { 'aws:UserAgent': userAgent }),
    ...(referer !== undefined && { 'aws:Referer': referer }),
    ...(signature.service === 's3' && s3Keys(head, signature)),
  };
}

/** How the request was signed: "Bucket policy examples using condition keys", AWS Signature Version 4. */
function s3Keys(
  { table }: RequestHead,
  { isPresigned }: VerifiedSignature<Caller>,
): Readonly<Record<string, string>> {
  return {
    's3:authType': isPresigned ? 'REST-QUERY-STRING' : 'REST-HEADER',
    's3:signatureversion': 'AWS4-HMAC-SHA256',
    's3:x-amz-content-sha256': table.get('x-amz-content-sha256') ?? 'UNSIGNED-PAYLOAD',
  };
}
