import type { BucketResource } from './kinds.ts';
import type { ObjectEntry, StorageClass } from './shapes.ts';

type Rule = NonNullable<BucketResource['lifecycle']>[number];
type Filter = NonNullable<Rule['Filter']>;

/** What is due for an object. */
export type LifecycleAction =
  | { readonly kind: 'expire' }
  | { readonly kind: 'transition'; readonly storageClass: StorageClass };

export interface LifecycleRules {
  readonly rules: readonly Rule[];
  readonly minimumSize?: BucketResource['transitionDefaultMinimumObjectSize'];
}

export const dayMs = 86_400_000;
/** Smaller objects change their class only where a rule says of which sizes it speaks. */
const leastTransitionBytes = 128 * 1024;
/** Objects only ever go down. */
const classes: readonly StorageClass[] = [
  'STANDARD',
  'STANDARD_IA',
  'INTELLIGENT_TIERING',
  'ONEZONE_IA',
  'GLACIER_IR',
  'GLACIER',
  'DEEP_ARCHIVE',
];

/** The rules' days are over at the next midnight of UTC: "rounding the resulting time to the next day midnight UTC". */
export function nextMidnight(ms: number): number {
  return (Math.floor(ms / dayMs) + 1) * dayMs;
}

/** Expiration comes before transitions, and of those the lowest class. */
export function lifecycleAction(
  { rules, minimumSize }: LifecycleRules,
  entry: ObjectEntry,
  nowMs: number,
): LifecycleAction | undefined {
  const matching = rules.filter((rule) => rule.Status === 'Enabled' && matches(rule, entry));
  if (matching.some(({ Expiration }) => isDue(Expiration, entry.lastModifiedMs, nowMs)))
    return { kind: 'expire' };
  let lowest = classes.indexOf(entry.storageClass);
  const from = lowest;
  if (from === -1) return undefined;
  for (const rule of matching) {
    for (const transition of rule.Transitions ?? []) {
      const to = classes.indexOf(transition.StorageClass ?? '');
      if (to <= lowest || !isLargeEnough(rule, to, entry.size, minimumSize)) continue;
      if (isDue(transition, entry.lastModifiedMs, nowMs, 0)) lowest = to;
    }
  }
  return lowest === from ? undefined : { kind: 'transition', storageClass: classes[lowest] };
}

/** Whether rules end an upload that was begun then. Tags and sizes are an object's: such rules are about no upload. */
export function isUploadOver(
  { rules }: LifecycleRules,
  upload: { readonly key: string; readonly initiatedMs: number },
  nowMs: number,
): boolean {
  return rules.some((rule) => {
    const days = rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation;
    if (rule.Status !== 'Enabled' || days === undefined || !upload.key.startsWith(prefixOf(rule)))
      return false;
    return nowMs >= nextMidnight(upload.initiatedMs + days * dayMs);
  });
}

function isDue(
  when: { readonly Days?: number | undefined; readonly Date?: string | undefined } | undefined,
  modifiedMs: number,
  nowMs: number,
  leastDays = 1,
): boolean {
  if (when?.Date !== undefined) return nowMs >= Date.parse(when.Date);
  if (when?.Days === undefined || when.Days < leastDays) return false;
  return nowMs >= nextMidnight(modifiedMs + when.Days * dayMs);
}

function isLargeEnough(
  { Filter: filter }: Rule,
  to: number,
  size: number,
  minimumSize: LifecycleRules['minimumSize'],
): boolean {
  if (size >= leastTransitionBytes) return true;
  const sizes = filter?.And ?? filter;
  if (sizes?.ObjectSizeGreaterThan !== undefined || sizes?.ObjectSizeLessThan !== undefined) return true;
  return minimumSize === 'varies_by_storage_class' && to >= classes.indexOf('GLACIER');
}

function matches(rule: Rule, entry: ObjectEntry): boolean {
  if (!entry.key.startsWith(prefixOf(rule))) return false;
  const { Filter: filter } = rule;
  if (!filter) return true;
  const { ObjectSizeGreaterThan: more, ObjectSizeLessThan: less } = filter.And ?? filter;
  if (more !== undefined && entry.size <= more) return false;
  if (less !== undefined && entry.size >= less) return false;
  return tagsOf(filter).every(({ Key = '', Value }) => {
    const tags = entry.tags ?? {};
    return Object.hasOwn(tags, Key) && tags[Key] === Value;
  });
}

function tagsOf(filter: Filter) {
  return filter.And?.Tags ?? (filter.Tag ? [filter.Tag] : []);
}

function prefixOf({ Filter: filter, Prefix: legacy }: Rule): string {
  return filter?.And?.Prefix ?? filter?.Prefix ?? legacy ?? '';
}
