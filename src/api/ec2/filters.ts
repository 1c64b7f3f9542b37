import type { Filter, Tag } from '@aws-sdk/client-ec2';
import { ServiceError } from '../../fault/index.ts';

/** In one request ("Error codes for the Amazon EC2 API", `FilterLimitExceeded`). */
const mostFilters = 50;
const mostValues = 200;

/** What each documented filter of a Describe action looks at; several values: any may match. */
export type FilterTable<Item> = Readonly<Record<string, (item: Item) => readonly (string | undefined)[]>>;

/** Of what can have tags: every Describe action then knows `tag:KEY`, `tag-key` and `tag-value`. */
export type TagsOf<Item> = (item: Item) => readonly Tag[] | undefined;

/**
 * Items that every filter lets through; a filter does when any of its values matches. `*` stands for any text, `?` for
 * any character, a backslash before them for themselves. Names and values are case-sensitive.
 * @throws ServiceError `InvalidParameterValue` for a filter that the action does not know, `FilterLimitExceeded`
 */
export function applyFilters<Item>(
  items: Iterable<Item>,
  filters: readonly Filter[] | undefined,
  table: FilterTable<Item>,
  tagsOf?: TagsOf<Item>,
): Item[] {
  checkLimits(filters ?? []);
  const tests = (filters ?? []).map((filter) => testOf(filter, table, tagsOf));
  return [...items].filter((item) => tests.every((test) => test(item)));
}

function checkLimits(filters: readonly Filter[]): void {
  if (filters.length > mostFilters) throw limitExceeded('filters', mostFilters);
  const values = filters.reduce((sum, { Values = [] }) => sum + Values.length, 0);
  if (values > mostValues) throw limitExceeded('filter values', mostValues);
}

function limitExceeded(what: string, most: number): ServiceError {
  return new ServiceError(
    'FilterLimitExceeded',
    `The maximum number of ${what} specified on a single call is ${most}`,
  );
}

function testOf<Item>(
  { Name = '', Values = [] }: Filter,
  table: FilterTable<Item>,
  tagsOf: TagsOf<Item> | undefined,
): (item: Item) => boolean {
  const valuesOf = Object.hasOwn(table, Name) ? table[Name] : tagFilter(Name, tagsOf);
  if (!valuesOf) throw new ServiceError('InvalidParameterValue', `The filter '${Name}' is invalid`);
  const patterns = Values.map(patternOf);
  return (item) =>
    valuesOf(item).some((value) => value !== undefined && patterns.some((matches) => matches(value)));
}

function tagFilter<Item>(
  name: string,
  tagsOf: TagsOf<Item> | undefined,
): ((item: Item) => readonly (string | undefined)[]) | undefined {
  if (!tagsOf) return undefined;
  if (name === 'tag-key') return (item) => (tagsOf(item) ?? []).map(({ Key }) => Key);
  if (name === 'tag-value') return (item) => (tagsOf(item) ?? []).map(({ Value }) => Value);
  if (!name.startsWith('tag:')) return undefined;
  const key = name.slice('tag:'.length);
  return (item) => (tagsOf(item) ?? []).filter(({ Key }) => Key === key).map(({ Value }) => Value);
}

function patternOf(text: string): (value: string) => boolean {
  if (!/[*?\\]/.test(text)) return (value) => value === text;
  const parts: string[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '\\' && at + 1 < text.length) parts.push(text[++at]);
    else if (character !== '*' || parts.at(-1) !== '\0*') {
      parts.push(character === '*' || character === '?' ? `\0${character}` : character);
    }
  }
  return (value) => matchesParts(parts, value);
}

/** Linear in time for each star: goes back to the last one only. `\0*` and `\0?` are wildcards. */
function matchesParts(parts: readonly string[], value: string): boolean {
  let at = 0;
  let part = 0;
  let star = -1;
  let starAt = 0;
  while (at < value.length) {
    if (part < parts.length && (parts[part] === '\0?' || parts[part] === value[at])) {
      part++;
      at++;
    } else if (part < parts.length && parts[part] === '\0*') {
      star = part++;
      starAt = at;
    } else if (star >= 0) {
      part = star + 1;
      at = ++starAt;
    } else return false;
  }
  while (part < parts.length && parts[part] === '\0*') part++;
  return part === parts.length;
}
