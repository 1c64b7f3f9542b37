import type { Call } from '../action.ts';
import { pageByKey } from '../pages.ts';
import { errors } from './errors.ts';

/** How IAM's lists are asked for. */
export interface PageInput {
  readonly Marker?: string | undefined;
  readonly MaxItems?: number | undefined;
  readonly PathPrefix?: string | undefined;
}

export interface MarkedPage<Item> {
  readonly items: readonly Item[];
  /** Members of the answer. */
  readonly marks: { readonly IsTruncated: boolean; readonly Marker?: string };
}

/** `scope`: whose the list is, where that is not the caller's account: a marker is good for this list only. */
export function markedPage<Item>(
  items: Iterable<Item>,
  keyOf: (item: Item) => string,
  { Marker, MaxItems = 100, PathPrefix }: PageInput,
  call: Call,
  scope?: unknown,
): MarkedPage<Item> {
  const page = pageByKey(
    items,
    keyOf,
    {
      limit: MaxItems,
      token: Marker,
      conditions: [PathPrefix, scope],
      badToken: () => errors.validation('Invalid Marker.'),
    },
    call,
  );
  const { nextToken } = page;
  const marks = nextToken === undefined ? { IsTruncated: false } : { IsTruncated: true, Marker: nextToken };
  return { items: page.items, marks };
}

export function isUnderPath({ Path }: { readonly Path: string }, prefix = '/'): boolean {
  return Path.startsWith(prefix);
}
