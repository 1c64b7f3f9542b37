import { errors } from './errors.ts';

/** Opaque to clients: where the next page begins. */
export function encodeToken(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** @throws ServiceError when it is no token of ours, or `isValid` does not know it */
export function decodeToken<Value>(token: string, isValid: (value: unknown) => value is Value): Value {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(token, 'base64url').toString());
  } catch {
    throw errors.badToken();
  }
  if (!isValid(value)) throw errors.badToken();
  return value;
}

const isText = (value: unknown): value is string => typeof value === 'string';

/**
 * A page of items in ascending order of their keys, which are unique.
 * @param token of the page before
 */
export function pageByKey<Item>(
  items: readonly Item[],
  key: (item: Item) => string,
  limit: number,
  token: string | undefined,
): { readonly items: readonly Item[]; readonly nextToken?: string } {
  const after = token === undefined ? undefined : decodeToken(token, isText);
  const from = after === undefined ? 0 : items.findIndex((item) => key(item) > after);
  const page = from < 0 ? [] : items.slice(from, from + limit);
  const last = page.at(-1);
  const hasMore = last !== undefined && from + page.length < items.length;
  return hasMore ? { items: page, nextToken: encodeToken(key(last)) } : { items: page };
}
