import type { Kind } from './kind.ts';
import type { Place } from './place.ts';

/** Resources as they are at one moment. What is read is never changed by who reads it. */
export interface ResourceView {
  get<T>(kind: Kind<T>, place: Place, id: string): T | undefined;
  /** In the order in which they were made. */
  list<T>(kind: Kind<T>, place: Place): Iterable<T>;
  /** With their ids, in the order in which they were made. */
  entries<T>(kind: Kind<T>, place: Place): Iterable<readonly [id: string, resource: T]>;
  /** Places that have resources of a kind. */
  places(kind: Kind<unknown>): Iterable<Place>;
}

/** What a change is made on: reads see what it has written. */
export interface Draft extends ResourceView {
  /** Makes or replaces. The value is JSON, and is not changed afterwards. */
  put<T>(kind: Kind<T>, place: Place, id: string, resource: T): void;
  remove(kind: Kind<unknown>, place: Place, id: string): void;
}
