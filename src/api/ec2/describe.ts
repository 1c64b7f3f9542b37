import type { Filter } from '@aws-sdk/client-ec2';
import type { Call } from '../action.ts';
import { pageByKey } from '../pages.ts';
import { ec2Errors } from './errors.ts';
import { applyFilters, type FilterTable } from './filters.ts';
import { checkIds } from './lookup.ts';
import { type ResourceTypeOf, tagsOf } from './resource-types.ts';

/** What a Describe action is asked. */
export interface DescribeRequest {
  readonly Filters?: Filter[] | undefined;
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

export interface DescribeOptions<Item extends object> {
  readonly type: ResourceTypeOf<Item>;
  /** Ids that the request names, and EC2's own word for the list: `vpcSet`. */
  readonly ids: readonly string[] | undefined;
  readonly idsName: string;
  readonly idOf: (item: Item) => string | undefined;
  readonly filters: FilterTable<Item>;
}

export interface Described<Item> {
  readonly items: readonly Item[];
  /** A member of the answer, absent on the last page. */
  readonly next: { readonly NextToken?: string };
}

/**
 * The size of a page, for actions of which the API page tells the bounds and the model does not.
 * @throws ServiceError `InvalidParameterValue`
 */
export function checkPageSize({ MaxResults }: Pick<DescribeRequest, 'MaxResults'>): void {
  if (MaxResults === undefined || (MaxResults >= 5 && MaxResults <= 1000)) return;
  const expected = MaxResults < 5 ? 'greater than 5' : 'less than 1000';
  throw ec2Errors.invalidValue(
    `Value ( ${MaxResults} ) for parameter maxResults is invalid. Expecting a value ${expected}.`,
  );
}

/** The most that a page holds when the request does not say: everything would be unbounded. */
const defaultPage = 1000;

/**
 * The items that a request names and its filters let through, a page of them, in the order of their ids.
 * @throws ServiceError `…Malformed`, `…NotFound` with all ids that nobody has, `InvalidParameterCombination` for ids with
 * MaxResults, `InvalidParameterValue` for filters, `InvalidNextToken`
 */
export function describeItems<Item extends object>(
  all: Iterable<Item>,
  request: DescribeRequest,
  options: DescribeOptions<Item>,
  call: Call,
): Described<Item> {
  const idOf = (item: Item) => options.idOf(item) ?? '';
  const named = itemsNamed(all, request, options);
  const { type, filters } = options;
  const kept = applyFilters(named, request.Filters, filters, (item) => tagsOf(type, item));
  if (options.ids && options.ids.length > 0) return { items: kept, next: {} };
  return pageOf(kept, idOf, request, call);
}

function itemsNamed<Item extends object>(
  all: Iterable<Item>,
  { MaxResults }: DescribeRequest,
  { ids = [], idsName, idOf, type }: DescribeOptions<Item>,
): Iterable<Item> {
  if (ids.length === 0) return all;
  if (MaxResults !== undefined) {
    throw ec2Errors.invalidCombination(
      `The parameter ${idsName} cannot be used with the parameter maxResults`,
    );
  }
  const known = new Map([...all].map((item) => [idOf(item) ?? '', item]));
  const unknown = ids.filter((id) => !known.has(id));
  // What was imported may have an id that a person wrote.
  checkIds(type, unknown);
  if (unknown.length > 0) throw ec2Errors.notFound(type, [...new Set(unknown)]);
  return [...new Set(ids)].map((id) => known.get(id)!);
}

/** A page of items by their unique keys; what else the request asks for must be the same on each page. */
export function pageOf<Item>(
  items: Iterable<Item>,
  keyOf: (item: Item) => string,
  { MaxResults, NextToken, Filters }: DescribeRequest,
  call: Call,
): Described<Item> {
  const page = pageByKey(
    items,
    keyOf,
    {
      limit: MaxResults ?? defaultPage,
      token: NextToken,
      conditions: Filters ?? [],
      badToken: () => ec2Errors.invalidNextToken(NextToken ?? ''),
    },
    call,
  );
  return { items: page.items, next: page.nextToken === undefined ? {} : { NextToken: page.nextToken } };
}
