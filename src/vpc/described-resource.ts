import type { Kind, Place } from '../resource/index.ts';
import { madeUpId } from './made-up-id.ts';

/** A resource that a network describes. */
export interface DescribedResource {
  readonly kind: Kind<unknown>;
  readonly id: string;
  /** What the description says: a stored resource must agree with it. */
  readonly described: Readonly<Record<string, unknown>>;
  /** What AWS shows besides; of use only where nothing is stored yet. */
  readonly defaults: Readonly<Record<string, unknown>>;
}

/** `list` with an id for each element that has none, made of its natural key. */
export function withIds<T extends object>(
  list: readonly T[] | undefined,
  member: keyof T & string,
  make: (element: T) => string,
): T[] {
  return (list ?? []).map((element) => ({ [member]: make(element), ...element }));
}

/** Makes ids of what a description leaves unnamed. */
export function idMaker(place: Place): (prefix: string, naturalKey: string) => string {
  return (prefix, naturalKey) => madeUpId(prefix, `described ${prefix}`, place, naturalKey);
}

/** Which AWS partition a Region is of, for ARNs. */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}
