import type {
  CreateManagedPrefixListRequest,
  DeleteManagedPrefixListRequest,
  DescribeManagedPrefixListsRequest,
  GetManagedPrefixListAssociationsRequest,
  GetManagedPrefixListEntriesRequest,
  ModifyManagedPrefixListRequest,
  RestoreManagedPrefixListVersionRequest,
} from '@aws-sdk/client-ec2';
import { ServiceError } from '../../fault/index.ts';
import { type Draft, newId, type Place, type ResourceView } from '../../resource/index.ts';
import { type PrefixListResource, prefixLists, routeTables, securityGroupRules } from '../../vpc/index.ts';
import type { Call } from '../action.ts';
import { createdTargets, ec2Arn, existingTargets, ofNothing } from './arns.ts';
import { madeBefore, madeBy } from './client-token.ts';
import { describeItems, pageOf } from './describe.ts';
import { ec2Errors } from './errors.ts';
import type { FilterTable } from './filters.ts';
import { subject } from './lookup.ts';
import type { Actions, Ec2Parts } from './parts.ts';
import {
  addedEntries,
  checkCount,
  checkMaxEntries,
  checkName,
  type Entry,
  withoutEntries,
} from './prefix-list-entries.ts';
import { resourceTypes } from './resource-types.ts';
import { tagsFromSpecifications } from './tag-specifications.ts';

/** Of one list: a version may hold a thousand entries. Older ones are forgotten. */
const keptVersions = 100;

export function prefixListActions({ resources }: Ec2Parts): Actions {
  const targets = ({ PrefixListId }: { PrefixListId?: string | undefined }, call: Call) =>
    existingTargets(resources, resourceTypes.prefixList, call, [PrefixListId]);
  return {
    CreateManagedPrefixList: {
      targets: ({ TagSpecifications }: CreateManagedPrefixListRequest, call: Call) =>
        createdTargets('prefix-list', call, TagSpecifications),
      run: (input: CreateManagedPrefixListRequest, { place }: Call) =>
        resources.write((draft) => ({ PrefixList: createList(draft, place, input) })),
    },
    ModifyManagedPrefixList: {
      targets,
      run: (input: ModifyManagedPrefixListRequest, { place }: Call) =>
        resources.write((draft) => ({ PrefixList: modifyList(draft, place, input) })),
    },
    RestoreManagedPrefixListVersion: {
      targets,
      run: (input: RestoreManagedPrefixListVersionRequest, { place }: Call) =>
        resources.write((draft) => ({ PrefixList: restoreList(draft, place, input) })),
    },
    DeleteManagedPrefixList: {
      targets,
      run: ({ PrefixListId }: DeleteManagedPrefixListRequest, { place }: Call) =>
        resources.write((draft) => ({ PrefixList: deleteList(draft, place, PrefixListId) })),
    },
    DescribeManagedPrefixLists: {
      targets: ofNothing,
      run: (input: DescribeManagedPrefixListsRequest, call: Call) => describeLists(resources, input, call),
    },
    GetManagedPrefixListEntries: {
      targets,
      run: (input: GetManagedPrefixListEntriesRequest, call: Call) => listedEntries(resources, input, call),
    },
    GetManagedPrefixListAssociations: {
      targets,
      run: (input: GetManagedPrefixListAssociationsRequest, call: Call) => {
        subject(resources, resourceTypes.prefixList, call.place, input.PrefixListId);
        const using = usersOf(resources, call.place, input.PrefixListId!);
        const { items, next } = pageOf(using, ({ ResourceId }) => ResourceId, input, call);
        return { PrefixListAssociations: items, ...next };
      },
    },
  };
}

function createList(draft: Draft, place: Place, input: CreateManagedPrefixListRequest): PrefixListResource {
  const tags = tagsFromSpecifications(input.TagSpecifications, 'prefix-list');
  const before = madeBefore(draft, prefixLists, place, input);
  if (before) return before;
  const { AddressFamily, MaxEntries, PrefixListName } = input;
  if (AddressFamily !== 'IPv4' && AddressFamily !== 'IPv6') {
    throw ec2Errors.invalidValue(
      `Invalid value '${AddressFamily}' for AddressFamily. It must be IPv4 or IPv6`,
    );
  }
  checkName(PrefixListName);
  checkMaxEntries(MaxEntries);
  const entries = addedEntries([], input.Entries ?? [], AddressFamily);
  checkCount(entries, MaxEntries!);
  const id = newId('pl');
  const list: PrefixListResource = {
    PrefixListId: id,
    PrefixListName: PrefixListName!,
    PrefixListArn: ec2Arn(place, 'prefix-list', id),
    AddressFamily,
    MaxEntries: MaxEntries!,
    OwnerId: place.accountId,
    State: 'create-complete',
    Version: 1,
    Tags: tags,
    versions: [{ version: 1, entries }],
    ...madeBy(input),
  };
  draft.put(prefixLists, place, id, list);
  return list;
}

/** @throws ServiceError `PrefixListVersionMismatch` when somebody has changed the list since */
function checkVersion({ Version }: PrefixListResource, current: number | undefined): void {
  if (current === undefined) throw ec2Errors.missingParameter('CurrentVersion');
  if (current === Version) return;
  throw new ServiceError('PrefixListVersionMismatch', 'The prefix list has the incorrect version number.');
}

function ownList(draft: Draft, place: Place, id: string | undefined): PrefixListResource {
  const list = subject(draft, resourceTypes.prefixList, place, id);
  if (list.OwnerId === 'AWS') {
    throw ec2Errors.operationNotPermitted(`The prefix list '${id}' is managed by AWS and cannot be changed.`);
  }
  return list;
}

function modifyList(draft: Draft, place: Place, input: ModifyManagedPrefixListRequest): PrefixListResource {
  const list = ownList(draft, place, input.PrefixListId);
  const { AddEntries = [], RemoveEntries = [], MaxEntries, PrefixListName } = input;
  const changesEntries = AddEntries.length + RemoveEntries.length > 0;
  if (MaxEntries !== undefined && changesEntries) {
    throw ec2Errors.invalidCombination(
      'The entries and the maximum number of entries of a prefix list cannot be modified at the same time',
    );
  }
  if (PrefixListName !== undefined) checkName(PrefixListName);
  if (MaxEntries !== undefined) checkMaxEntries(MaxEntries);
  const entries = newestEntries(list);
  if (MaxEntries !== undefined) checkCount(entries, MaxEntries);
  const named: PrefixListResource = {
    ...list,
    State: 'modify-complete',
    ...(PrefixListName === undefined ? {} : { PrefixListName }),
    ...(MaxEntries === undefined ? {} : { MaxEntries }),
  };
  if (!changesEntries) return putList(draft, place, named);
  checkVersion(list, input.CurrentVersion);
  const kept = withoutEntries(entries, RemoveEntries);
  const changed = addedEntries(kept, AddEntries, list.AddressFamily);
  checkCount(changed, list.MaxEntries ?? 0);
  return putList(draft, place, withEntries(named, changed));
}

function putList(draft: Draft, place: Place, list: PrefixListResource): PrefixListResource {
  draft.put(prefixLists, place, list.PrefixListId!, list);
  return list;
}

function newestEntries({ versions }: PrefixListResource): readonly Entry[] {
  return versions.at(-1)?.entries ?? [];
}

/** A new version. */
function withEntries(list: PrefixListResource, entries: readonly Entry[]): PrefixListResource {
  const version = (list.Version ?? 0) + 1;
  const versions = [...list.versions, { version, entries }].slice(-keptVersions);
  return { ...list, Version: version, versions };
}

function restoreList(
  draft: Draft,
  place: Place,
  input: RestoreManagedPrefixListVersionRequest,
): PrefixListResource {
  const list = ownList(draft, place, input.PrefixListId);
  checkVersion(list, input.CurrentVersion);
  const entries = versionOf(list, input.PreviousVersion);
  return putList(draft, place, { ...withEntries(list, entries), State: 'restore-complete' });
}

function versionOf(
  { versions, PrefixListId }: PrefixListResource,
  wanted: number | undefined,
): readonly Entry[] {
  const found = wanted === undefined ? versions.at(-1) : versions.find(({ version }) => version === wanted);
  if (found) return found.entries;
  throw ec2Errors.invalidValue(`The version ${wanted} of prefix list '${PrefixListId}' does not exist`);
}

function deleteList(draft: Draft, place: Place, id: string | undefined): PrefixListResource {
  const list = ownList(draft, place, id);
  if (usersOf(draft, place, id!).length > 0) throw ec2Errors.hasDependencies('prefix list', id!);
  draft.remove(prefixLists, place, id!);
  return { ...list, State: 'delete-complete' };
}

/** Security groups and route tables that refer to a list. */
function usersOf(view: ResourceView, place: Place, id: string) {
  const groups = [...view.list(securityGroupRules, place)]
    .filter(({ PrefixListId }) => PrefixListId === id)
    .map(({ GroupId }) => GroupId ?? '');
  const tables = [...view.list(routeTables, place)]
    .filter(({ Routes }) => Routes?.some(({ DestinationPrefixListId }) => DestinationPrefixListId === id))
    .map(({ RouteTableId }) => RouteTableId ?? '');
  return [...new Set([...groups, ...tables])].map((ResourceId) => ({
    ResourceId,
    ResourceOwner: place.accountId,
  }));
}

function describeLists(view: ResourceView, input: DescribeManagedPrefixListsRequest, call: Call) {
  const options = {
    type: resourceTypes.prefixList,
    ids: input.PrefixListIds,
    idsName: 'prefixListIdSet',
    idOf: ({ PrefixListId }: PrefixListResource) => PrefixListId,
    filters: listFilters,
  };
  const { items, next } = describeItems(view.list(prefixLists, call.place), input, options, call);
  return { PrefixLists: items, ...next };
}

const listFilters: FilterTable<PrefixListResource> = {
  'owner-id': ({ OwnerId }) => [OwnerId],
  'prefix-list-id': ({ PrefixListId }) => [PrefixListId],
  'prefix-list-name': ({ PrefixListName }) => [PrefixListName],
};

function listedEntries(view: ResourceView, input: GetManagedPrefixListEntriesRequest, call: Call) {
  const list = subject(view, resourceTypes.prefixList, call.place, input.PrefixListId);
  const entries = versionOf(list, input.TargetVersion);
  const { items, next } = pageOf(entries, ({ Cidr }) => Cidr ?? '', input, call);
  return { Entries: items, ...next };
}
