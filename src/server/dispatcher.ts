import type { IncomingMessage, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { Action, Call, Target } from '../api/index.ts';
import { ServiceError } from '../fault/index.ts';
import type { Caller } from '../iam/index.ts';
import {
  checkInput,
  chunkedBody,
  credentialScope,
  type Dialect,
  decodeChunked,
  decodeInput,
  dialectOf,
  encodeError,
  encodeEvents,
  encodeOutput,
  eventStreamType,
  isEventStream,
  type Routed,
  route,
  signatureError,
  streamingMember,
  unsupported,
  type VerifiedSignature,
  verifySignature,
  type WireRequest,
  type WireResponse,
} from '../wire/index.ts';
import { writeAnswer, writePieces, writeStream } from './answer.ts';
import type { Lease } from './client-shares.ts';
import { corsHeaders } from './cors.ts';
import { begun, untilAborted } from './event-pieces.ts';
import type { FailureLog } from './failure-log.ts';
import { type BodyFailure, decompressed, readBody } from './request-body.ts';
import type { RequestHead } from './request-head.ts';
import { streamBytes, streamedBody, wholeBody } from './rest-body.ts';
import type { ServerCounters } from './server-counters.ts';
import type { ServerLimits, ServerOptions } from './server-options.ts';
import { ServiceCall } from './service-call.ts';
import {
  bodyFault,
  dryRun,
  internalError,
  serviceErrorOf,
  signatureFamily,
  throttled,
} from './service-faults.ts';
import { hasGone, unreadBody } from './unread-body.ts';

export interface DispatcherParts
  extends Pick<ServerOptions, 'apis' | 'credentials' | 'authorizer' | 'tokens' | 'regions'> {
  readonly clock: () => number;
  readonly limits: ServerLimits;
  readonly counters: ServerCounters;
  readonly failures: FailureLog;
}

/** A request and what becomes of it. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly head: RequestHead;
  readonly requestId: string;
  readonly lease: Lease;
  /** That the host names, at S3. */
  readonly bucket: () => string | undefined;
  /** To be called when the body is wanted: some clients wait with it until then. */
  readonly beginBody: () => void;
  /** Ends when the client has gone; made when somebody wants it. */
  readonly signal: () => AbortSignal;
  /** Ends when the server closes: streams end then, other requests are answered. */
  readonly closing: AbortSignal;
  /** Headers besides those of the answer itself. */
  readonly moreHeaders: () => Readonly<Record<string, string>>;
}

/** A request that is what it says, and who has it done. */
interface SignedRequest {
  readonly routed: Routed;
  readonly signature: VerifiedSignature<Caller>;
  readonly action: Action;
  readonly input: Readonly<Record<string, unknown>>;
}

type Outcome = { readonly answer: WireResponse } | { readonly events: AsyncIterable<Uint8Array> } | 'gone';

/** Finds out what a request is, whose it is and whether it may be, has it done, and answers. */
export class Dispatcher {
  readonly #parts: DispatcherParts;
  readonly #actions: ReadonlyMap<string, Action>;

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
    this.#actions = new Map(
      parts.apis.flatMap(({ service, actions }) =>
        Object.entries(actions).map(([name, action]) => [`${service}:${name}`, action] as const),
      ),
    );
  }

  /** Never rejects. */
  async answer(exchange: Exchange): Promise<void> {
    const { head, response, requestId, moreHeaders } = exchange;
    const { stallMs } = this.#parts.limits;
    const scope = credentialScope(head);
    const dialect = dialectOf(withoutBody(head), scope?.service);
    const outcome = await this.#outcome(exchange, dialect, scope?.service);
    if (outcome === 'gone') return;
    const more = { ...corsHeaders(head), ...moreHeaders() };
    try {
      if ('events' in outcome) {
        await writeStream(response, 200, { ...eventHeaders(requestId), ...more }, outcome.events, stallMs);
      } else if (outcome.answer.stream) {
        await writePieces(response, outcome.answer, outcome.answer.stream, more, stallMs);
      } else {
        const answer = this.#held(exchange, outcome.answer, dialect);
        await writeAnswer(response, answer, more, stallMs, unreadBody(exchange, stallMs / 10));
      }
    } catch (error) {
      this.#parts.failures.tell(`an answer to ${requestId} has failed`, error);
      response.destroy();
    }
  }

  /** Small answers always have room; large ones are what was read, and can be asked for again. */
  #held({ lease, requestId }: Exchange, answer: WireResponse, dialect: Dialect): WireResponse {
    const { length } = answer.body;
    if (length <= smallAnswerBytes) lease.hold(length);
    else if (!lease.tryHold(length)) {
      this.#parts.counters.throttled('bytes');
      return encodeError(dialect, throttled(dialect.protocol), requestId);
    }
    return answer;
  }

  /** Counted when it is known; a stream when it begins. */
  async #outcome(exchange: Exchange, dialect: Dialect, signingName: string | undefined): Promise<Outcome> {
    const { counters } = this.#parts;
    const found: { routed?: Routed } = {};
    const beganMs = performance.now();
    let outcome: Outcome;
    try {
      outcome = await this.#do(exchange, dialect, signingName, found);
    } catch (error) {
      outcome = hasGone(exchange.request)
        ? 'gone'
        : { answer: this.#errorAnswer(found.routed ?? dialect, error, exchange.requestId) };
    }
    const status = outcome === 'gone' ? 499 : 'events' in outcome ? 200 : outcome.answer.status;
    const { service, operation } = found.routed ?? {};
    counters.request(
      service?.name ?? dialect.service?.name ?? 'unknown',
      operation?.name ?? 'unknown',
      status,
      (performance.now() - beganMs) / 1000,
    );
    return outcome;
  }

  async #do(
    exchange: Exchange,
    dialect: Dialect,
    signingName: string | undefined,
    found: { routed?: Routed },
  ): Promise<Outcome> {
    if (signingName === undefined) this.#refuseUnsigned(exchange.head, dialect);
    if (dialect.protocol === 'rest-xml') return this.#doRest(exchange, dialect, found);
    const bodies = await this.#bodies(exchange, dialect, signingName ?? '');
    if (bodies === 'gone') return 'gone';
    const routed = route({ ...withoutBody(exchange.head), body: bodies.decoded }, signingName);
    found.routed = routed;
    const signature = this.#verified({ ...withoutBody(exchange.head), body: bodies.sent }, routed);
    this.#takeKey(exchange, signature, routed);
    if (signature.chunked) {
      decodeChunked(
        bodies.sent,
        chunkedBody(signature.chunked, exchange.head.table, signatureFamily(routed.protocol)),
      );
    }
    const action = this.#actionOf(routed);
    return this.#run(exchange, { routed, signature, action, input: decodeInput(routed, bodies.decoded) });
  }

  /** S3's bodies may be large: the head is found good, and what it asks for allowed, before they are read. */
  async #doRest(exchange: Exchange, dialect: Dialect, found: { routed?: Routed }): Promise<Outcome> {
    const { head, bucket } = exchange;
    const { limits } = this.#parts;
    const request = withoutBody(head);
    const signature = this.#verified(request, dialect);
    this.#takeKey(exchange, signature, dialect);
    const routed = route(request, signature.service, bucket());
    found.routed = routed;
    const action = this.#actionOf(routed);
    const parts = { ...exchange, signature, stallMs: limits.stallMs };
    const input = streamingMember(routed)
      ? decodeInput(routed, noBody, streamedBody(parts))
      : decodeInput(routed, await wholeBody(parts, limits.bodyBytesOf.s3 ?? limits.bodyBytes));
    return this.#run(exchange, { routed, signature, action, input });
  }

  #takeKey({ lease }: Exchange, { accessKeyId }: VerifiedSignature<Caller>, { protocol }: Dialect): void {
    if (lease.tryAccessKey(accessKeyId)) return;
    this.#parts.counters.throttled('access-key');
    throw throttled(protocol);
  }

  #actionOf(routed: Routed): Action {
    const action = this.#actions.get(`${routed.service.name}:${routed.operation.name}`);
    if (!action) throw unsupported(routed);
    return action;
  }

  /** @throws ServiceError always */
  #refuseUnsigned(head: RequestHead, { protocol }: Dialect): never {
    const family = signatureFamily(protocol);
    this.#checkSignature(withoutBody(head), family, undefined);
    throw signatureError(family, 'missing');
  }

  /** As it was sent, which is what was signed, and without its framing and compression. */
  async #bodies(
    { request, head, lease, beginBody }: Exchange,
    { protocol }: Dialect,
    signingName: string,
  ): Promise<{ readonly sent: Buffer; readonly decoded: Buffer } | 'gone'> {
    const { bodyBytes, bodyBytesOf, stallMs } = this.#parts.limits;
    const bounds = { bytes: bodyBytesOf[signingName] ?? bodyBytes, stallMs };
    lease.beginReading(() => request.destroy());
    beginBody();
    const sent = await readBody(request, lease, bounds);
    lease.endReading();
    if (sent === 'gone') return sent;
    if (typeof sent === 'string') throw this.#bodyFault(protocol, sent, request);
    const decoded = await decompressed(
      unframed(sent, head.table, protocol),
      head.table.get('content-encoding'),
      lease,
      bounds,
    );
    if (typeof decoded === 'string') throw this.#bodyFault(protocol, decoded, request);
    return { sent, decoded };
  }

  /** What the client still sends is dropped for a while, so that it sees the answer. */
  #bodyFault(protocol: Dialect['protocol'], failure: BodyFailure, request: IncomingMessage): ServiceError {
    if (failure === 'no-room') this.#parts.counters.throttled('bytes');
    setTimeout(() => {
      if (!request.complete) request.destroy();
    }, this.#parts.limits.stallMs / 10).unref();
    return bodyFault(protocol, failure === 'gone' ? 'stalled' : failure);
  }

  #verified(request: WireRequest, { protocol, service }: Dialect): VerifiedSignature<Caller> {
    const { credentials, clock } = this.#parts;
    const signature = this.#checkSignature(request, signatureFamily(protocol), service?.signingName);
    const { accessKeyId, region } = signature;
    credentials.noteUse?.(accessKeyId, { atMs: clock(), service: signature.service, region });
    return signature;
  }

  #checkSignature(
    request: WireRequest,
    family: ReturnType<typeof signatureFamily>,
    service: string | undefined,
  ): VerifiedSignature<Caller> {
    const { credentials, clock, regions, counters } = this.#parts;
    try {
      return verifySignature<Caller>(request, {
        find: (accessKeyId, sessionToken, nowMs) => credentials.find(accessKeyId, sessionToken, nowMs),
        nowMs: clock(),
        family,
        service,
        regions,
      });
    } catch (error) {
      if (error instanceof ServiceError) counters.signatureFailure(error.code);
      throw error;
    }
  }

  async #run(exchange: Exchange, { routed, signature, action, input }: SignedRequest): Promise<Outcome> {
    const { tokens, authorizer, clock } = this.#parts;
    const { head, requestId, signal, closing } = exchange;
    checkInput(routed, input);
    const call = new ServiceCall({
      head,
      requestId,
      routed,
      signature,
      nowMs: clock(),
      signal,
      tokens,
      authorizer,
    });
    // What the model says of the input is what the action declares.
    const checked = input as never;
    for (const target of targetsOf(action, checked, call)) call.require(target);
    if (isDryRun(routed, input)) throw dryRun();
    const output = await action.run(checked, call);
    if (!isEventStream(routed)) return this.#answerOf(exchange, encodeOutput(routed, output, requestId));
    const events = untilAborted(
      output as AsyncIterable<Record<string, unknown>>,
      AbortSignal.any([call.signal, closing]),
    );
    return { events: encodeEvents(routed, await begun(events)) };
  }

  /** What fails before its first byte is an error, not a broken connection. */
  async #answerOf({ lease }: Exchange, answer: WireResponse): Promise<Outcome> {
    if (!answer.stream) return { answer };
    const stream = await begun(answer.stream);
    if (lease.tryHold(streamBytes)) return { answer: { ...answer, stream } };
    await stream[Symbol.asyncIterator]().return?.();
    this.#parts.counters.throttled('bytes');
    throw throttled('rest-xml');
  }

  #errorAnswer(dialect: Dialect, error: unknown, requestId: string): WireResponse {
    const known = serviceErrorOf(error);
    if (known) return encodeError(dialect, known, requestId);
    this.#parts.counters.internalError();
    this.#parts.failures.tell(`request ${requestId} has failed`, error);
    return encodeError(dialect, internalError(dialect.protocol, requestId), requestId);
  }
}

const noBody = new Uint8Array();
/** More than any answer that tells of a change. */
const smallAnswerBytes = 256 * 1024;

function withoutBody({ method, url, headers }: RequestHead): WireRequest {
  return { method, url, headers, body: noBody };
}

/**
 * A framed body without its frames, which are the outermost of its codings. Their signatures are checked when the key is
 * known.
 */
function unframed(sent: Buffer, headers: RequestHead['table'], protocol: Dialect['protocol']): Buffer {
  const payload = headers.get('x-amz-content-sha256') ?? '';
  if (!payload.startsWith('STREAMING-')) return sent;
  const hasTrailers = payload.endsWith('-TRAILER');
  const unframed = decodeChunked(sent, chunkedBody({ hasTrailers }, headers, signatureFamily(protocol)));
  return Buffer.from(unframed.buffer, unframed.byteOffset, unframed.length);
}

const anything: readonly Target[] = [{ resource: '*' }];

/** An action that names nothing, perhaps because its input does not, is about everything. */
function targetsOf(action: Action, input: never, call: Call): readonly Target[] {
  if (action.isOpen) return [];
  const targets = action.targets?.(input, call) ?? anything;
  return targets.length > 0 ? targets : anything;
}

function isDryRun({ protocol }: Routed, input: unknown): boolean {
  return protocol === 'ec2' && (input as { readonly DryRun?: boolean }).DryRun === true;
}

function eventHeaders(requestId: string): Readonly<Record<string, string>> {
  return { 'content-type': eventStreamType, 'x-amzn-requestid': requestId };
}
