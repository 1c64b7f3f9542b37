import { createHash } from 'node:crypto';
import type { Draft, Kind, Place } from '../../resource/index.ts';
import { ec2Errors } from './errors.ts';

/** Ours, beside AWS's members: what a resource was made by. Answers leave it out. */
interface MadeByToken {
  readonly clientToken?: string;
  /** SHA-256 of the request, in hex. */
  readonly clientRequest?: string;
}

/**
 * The resource that an earlier request with the same token made.
 * @throws ServiceError `IdempotentParameterMismatch` when that request asked for something else
 */
export function madeBefore<T extends object>(
  draft: Draft,
  kind: Kind<T>,
  place: Place,
  input: { readonly ClientToken?: string | undefined },
): T | undefined {
  const { ClientToken } = input;
  if (ClientToken === undefined || ClientToken === '') return undefined;
  for (const resource of draft.list(kind, place)) {
    const { clientToken, clientRequest } = resource as MadeByToken;
    if (clientToken !== ClientToken) continue;
    if (clientRequest !== digestOf(input)) throw ec2Errors.idempotencyMismatch();
    return resource;
  }
  return undefined;
}

/** Members of a new resource that remember the request which makes it. */
export function madeBy(input: { readonly ClientToken?: string | undefined }): MadeByToken {
  const { ClientToken } = input;
  if (ClientToken === undefined || ClientToken === '') return {};
  return { clientToken: ClientToken, clientRequest: digestOf(input) };
}

function digestOf(input: object): string {
  const members = Object.entries(input).filter(([name]) => name !== 'DryRun');
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(members)).digest('hex');
}
