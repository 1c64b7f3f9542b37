/**
 * The resources of accounts and Regions: VPCs, roles, flow logs, in AWS's own shapes. They are held in memory and
 * changed by one writer, which has each change on the disk before anybody sees it. What a resource means is not known
 * here: `api`, `iam` and `flowlog` say which kinds there are.
 */

export { type Kind, kind } from './kind.ts';
export { newId } from './new-id.ts';
export { globalPlace, iamPlace, type Place, placeKey } from './place.ts';
export type { Draft, ResourceView } from './resource-view.ts';
export { type ResourceChange, Resources } from './resources.ts';
export type { Stored } from './stored.ts';
