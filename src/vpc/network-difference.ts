import { isDeepStrictEqual } from 'node:util';
import type { Route } from '@aws-sdk/client-ec2';
import { type Draft, type Kind, kind, type Place, type ResourceView } from '../resource/index.ts';
import type { DescribedResource } from './described-resource.ts';
import { describedResources } from './described-resources.ts';
import { keptParts } from './kept-parts.ts';
import * as kinds from './kinds.ts';
import type { Network } from './network.ts';

/** What an import does to one resource. */
export interface NetworkChange {
  /** The name of its kind: `security-group`. */
  readonly kind: string;
  readonly id: string;
  readonly change: 'add' | 'change' | 'remove';
  /** Of a change: the members that differ, such as `Routes`. */
  readonly members: readonly string[];
}

interface PlannedChange extends NetworkChange {
  readonly of: Kind<unknown>;
  /** Undefined: it is removed. */
  readonly after: unknown;
}

/** The ids of what was imported, by kind: only that can go with a later import. */
export type ImportedIds = Readonly<Record<string, readonly string[]>>;

const imports: Kind<{ readonly ids: ImportedIds }> = kind('network-import');
const importId = 'network';

/**
 * What `putNetwork` would change: nothing, when it was put before. What the user made through the API is in no
 * difference, unless the network describes it.
 */
export function networkDifference(view: ResourceView, place: Place, network: Network): NetworkChange[] {
  const { changes } = planOf(view, place, network);
  return changes.map(({ kind: name, id, change, members }) => ({ kind: name, id, change, members }));
}

/**
 * Makes the network's parts resources, or brings those that there are in line with it; takes away what an earlier
 * network described and this one does not. Of a network made up from devices everything belongs to the devices: see
 * `followDevices`.
 */
export function putNetwork(draft: Draft, place: Place, network: Network): void {
  const { changes, ids } = planOf(draft, place, network);
  for (const { of, id, after } of changes) {
    if (after === undefined) draft.remove(of, place, id);
    else draft.put(of, place, id, after);
  }
  draft.put(imports, place, importId, { ids });
}

function planOf(
  view: ResourceView,
  place: Place,
  network: Network,
): { changes: PlannedChange[]; ids: ImportedIds } {
  const resources = describedResources(network, place, view);
  const puts = resources.flatMap((resource) => putOf(view, place, resource) ?? []);
  const imported = view.get(imports, place, importId)?.ids ?? {};
  const isImport = network.origin === 'described';
  const leftover = isImport ? leftovers(view, place, resources, imported) : [];
  const kept = keptParts(view, place, imported, leftover);
  const gone = leftover.filter(({ id }) => !kept.has(id));
  const goneIds = new Set(gone.map(({ id }) => id));
  const moved = movedAssociations(view, place, resources).filter(({ id }) => !goneIds.has(id));
  const stays = [
    ...leftover.filter(({ id }) => kept.has(id)),
    ...rulesOfOthers(view, place, resources, imported),
  ];
  return {
    changes: [...puts, ...moved, ...gone.map(removalOf)],
    ids: isImport ? importedIds(resources, puts, imported, stays) : withMadeUpRules(imported, puts),
  };
}

function putOf(
  view: ResourceView,
  place: Place,
  { kind: of, id, described, defaults }: DescribedResource,
): PlannedChange | undefined {
  const stored = view.get(of, place, id) as Readonly<Record<string, unknown>> | undefined;
  if (!stored)
    return { kind: of.name, of, id, change: 'add', members: [], after: { ...defaults, ...described } };
  const members = Object.keys(described).filter((key) => !isSame(key, described[key], stored[key]));
  if (members.length === 0) return undefined;
  return { kind: of.name, of, id, change: 'change', members, after: { ...stored, ...described } };
}

/** What follows from a route's target is no difference: its state, and whose interface it leads to. */
function isSame(member: string, a: unknown, b: unknown): boolean {
  if (member !== 'Routes') return isDeepStrictEqual(a, b);
  return isDeepStrictEqual(routesAsMade(a), routesAsMade(b));
}

function routesAsMade(routes: unknown): unknown {
  return ((routes ?? []) as Route[]).map(({ State: _, InstanceOwnerId: __, InstanceId, ...route }) => ({
    ...route,
    ...(InstanceId === undefined || route.NetworkInterfaceId !== undefined ? {} : { InstanceId }),
  }));
}

function removalOf({ of, id }: { of: Kind<unknown>; id: string }): PlannedChange {
  return { kind: of.name, of, id, change: 'remove', members: [], after: undefined };
}

/** What was imported, is still there, and is described no more. */
function leftovers(
  view: ResourceView,
  place: Place,
  resources: readonly DescribedResource[],
  imported: ImportedIds,
): { of: Kind<unknown>; id: string }[] {
  const described = new Set(resources.map(({ kind: of, id }) => `${of.name} ${id}`));
  const ofOthers = new Set(rulesOfOthers(view, place, resources, imported).map(({ id }) => id));
  return Object.entries(imported).flatMap(([name, ids]) =>
    ids
      .filter((id) => !described.has(`${name} ${id}`) && view.get({ name }, place, id) !== undefined)
      .filter((id) => !ofOthers.has(id))
      .map((id) => ({ of: { name }, id })),
  );
}

/**
 * Rules that were made up with their group count as imported: an import that describes the group says all of its rules,
 * but for those that the user has added.
 */
function withMadeUpRules(imported: ImportedIds, puts: readonly PlannedChange[]): ImportedIds {
  const { name } = kinds.securityGroupRules;
  const rules = puts.filter(({ kind: of }) => of === name).map(({ id }) => id);
  return { ...imported, [name]: [...new Set([...(imported[name] ?? []), ...rules])] };
}

/** Rules that were made up with groups of which this import says nothing. */
function rulesOfOthers(
  view: ResourceView,
  place: Place,
  resources: readonly DescribedResource[],
  imported: ImportedIds,
): { of: Kind<unknown>; id: string }[] {
  const of = kinds.securityGroupRules;
  const groups = new Set(imported[kinds.securityGroups.name]);
  for (const { kind: about, id } of resources) if (about.name === kinds.securityGroups.name) groups.add(id);
  return (imported[of.name] ?? [])
    .filter((id) => {
      const rule = view.get(of, place, id);
      return rule !== undefined && !groups.has(rule.GroupId ?? '');
    })
    .map((id) => ({ of, id }));
}

/** A described resource is imported when this import or an earlier one made it; the user may have made it before. */
function importedIds(
  resources: readonly DescribedResource[],
  puts: readonly PlannedChange[],
  imported: ImportedIds,
  kept: readonly { of: Kind<unknown>; id: string }[],
): ImportedIds {
  const made = new Set(puts.filter(({ change }) => change === 'add').map(({ of, id }) => `${of.name} ${id}`));
  const before = new Set(Object.entries(imported).flatMap(([name, ids]) => ids.map((id) => `${name} ${id}`)));
  const ids: Record<string, string[]> = {};
  const add = (name: string, id: string) => {
    ids[name] ??= [];
    ids[name].push(id);
  };
  for (const { kind: of, id } of resources) {
    const key = `${of.name} ${id}`;
    if (made.has(key) || before.has(key)) add(of.name, id);
  }
  for (const { of, id } of kept) add(of.name, id);
  return ids;
}

/** A subnet has one ACL and at most one route table: those that the user had given it lose it. */
function movedAssociations(
  view: ResourceView,
  place: Place,
  resources: readonly DescribedResource[],
): PlannedChange[] {
  return [kinds.networkAcls, kinds.routeTables].flatMap((of: Kind<Associating>) => {
    const own = resources.filter((resource) => resource.kind.name === of.name);
    const describedIds = new Set(own.map(({ id }) => id));
    const subnetIds = new Set(
      own.flatMap(({ described }) => ((described as Associating).Associations ?? []).map(subnetIdOf)),
    );
    return [...view.entries(of, place)].flatMap(([id, stored]) => {
      const Associations = (stored.Associations ?? []).filter(
        (one) => one.SubnetId === undefined || !subnetIds.has(one.SubnetId),
      );
      if (describedIds.has(id) || Associations.length === (stored.Associations ?? []).length) return [];
      const after = { ...stored, Associations };
      return [{ kind: of.name, of, id, change: 'change' as const, members: ['Associations'], after }];
    });
  });
}

interface Associating {
  readonly Associations?: readonly { readonly SubnetId?: string | undefined }[] | undefined;
}

function subnetIdOf({ SubnetId }: { readonly SubnetId?: string | undefined }): string | undefined {
  return SubnetId;
}
