import { DraftView } from '../src/resource/draft-view.ts';
import { ResourceTables } from '../src/resource/resource-tables.ts';

/** Resources without a store: a draft that nobody commits. */
export function emptyDraft(): DraftView {
  return new DraftView(new ResourceTables(new Map()));
}
