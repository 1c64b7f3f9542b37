import type { Place, ResourceView } from '../../resource/index.ts';
import { ec2Errors } from './errors.ts';
import { type AnyResourceType, isIdOf, type ResourceTypeOf } from './resource-types.ts';

/**
 * A resource that a request refers to.
 * @throws ServiceError `…NotFound`, also for what is no id at all
 */
export function existing<T extends object>(
  view: ResourceView,
  entry: ResourceTypeOf<T>,
  place: Place,
  id: string | undefined,
): T {
  const found = id === undefined ? undefined : view.get(entry.kind, place, id);
  if (!found) throw ec2Errors.notFound(entry, [id ?? '']);
  return found;
}

/**
 * The resource that an action is about.
 * @throws ServiceError `…Malformed`, `…NotFound`
 */
export function subject<T extends object>(
  view: ResourceView,
  entry: ResourceTypeOf<T>,
  place: Place,
  id: string | undefined,
): T {
  const found = id === undefined ? undefined : view.get(entry.kind, place, id);
  if (!found) checkIds(entry, [id ?? '']);
  return existing(view, entry, place, id);
}

/** @throws ServiceError `…Malformed` for the first that is no id */
export function checkIds(entry: AnyResourceType, ids: readonly string[]): void {
  const wrong = ids.find((id) => !isIdOf(entry, id));
  if (wrong !== undefined) throw ec2Errors.malformed(entry, wrong);
}
