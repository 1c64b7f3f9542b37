import type { ServiceError } from '../fault/index.ts';
import type { Call } from './action.ts';

export interface PageRequest {
  /** The most that a page may hold. */
  readonly limit: number;
  readonly token?: string | undefined;
  /** What else the request asked for: a token is good for the same conditions only. */
  readonly conditions?: unknown;
  /** What a token that is none is answered with. */
  readonly badToken: () => ServiceError;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextToken?: string;
}

/**
 * A page of what is listed in the order of its keys, which are unique. What comes and goes between pages neither
 * doubles nor hides anything else.
 */
export function pageByKey<Item>(
  items: Iterable<Item>,
  keyOf: (item: Item) => string,
  { limit, token, conditions, badToken }: PageRequest,
  { place, action, tokens }: Call,
): Page<Item> {
  const scope = () => JSON.stringify([place.accountId, place.region, action, conditions]);
  const after = token === undefined ? undefined : tokens.open(scope(), token);
  if (token !== undefined && after === undefined) throw badToken();
  const rest = after === undefined ? [...items] : [...items].filter((item) => keyOf(item) > after);
  rest.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const page = rest.slice(0, limit);
  if (rest.length <= limit) return { items: page };
  return { items: page, nextToken: tokens.seal(scope(), keyOf(page[page.length - 1])) };
}
