import type { ObjectStore } from '../../objects/index.ts';
import type { Resources } from '../../resource/index.ts';
import type { Action } from '../action.ts';

/** What S3's actions work on. */
export interface S3Parts {
  readonly resources: Resources;
  readonly objects: ObjectStore;
}

export type Actions = Readonly<Record<string, Action>>;
