import type { Kind, Place, ResourceView } from '../resource/index.ts';
import * as kinds from './kinds.ts';

/** All kinds of parts of the network that name others. */
const networkKinds: readonly Kind<unknown>[] = [
  kinds.vpcs,
  kinds.subnets,
  kinds.networkInterfaces,
  kinds.securityGroups,
  kinds.securityGroupRules,
  kinds.networkAcls,
  kinds.routeTables,
  kinds.internetGateways,
  kinds.egressOnlyInternetGateways,
  kinds.natGateways,
  kinds.transitGateways,
  kinds.transitGatewayAttachments,
  kinds.addresses,
  kinds.prefixLists,
  kinds.instances,
];

/**
 * Ids of imported parts that must stay although the network describes them no more: what the user made names them,
 * directly or through another that stays, or they are the default group, ACL or route table of a VPC that stays.
 */
export function keptParts(
  view: ResourceView,
  place: Place,
  imported: Readonly<Record<string, readonly string[]>>,
  leftover: readonly { readonly of: Kind<unknown>; readonly id: string }[],
): Set<string> {
  const waiting = new Map(leftover.map(({ of, id }) => [id, view.get(of, place, id)]));
  const kept = new Set<string>();
  if (waiting.size === 0) return kept;
  const worklist = [...usersOwn(view, place, imported)];
  const keep = (id: string) => {
    if (!waiting.has(id)) return;
    worklist.push(waiting.get(id));
    waiting.delete(id);
    kept.add(id);
    if (!id.startsWith('vpc-')) return;
    for (const [other, part] of [...waiting]) if (isDefaultOf(part, id)) keep(other);
  };
  for (const part of worklist) for (const id of namedIds(part)) keep(id);
  return kept;
}

function* usersOwn(
  view: ResourceView,
  place: Place,
  imported: Readonly<Record<string, readonly string[]>>,
): Generator<unknown> {
  for (const of of networkKinds) {
    const ids = new Set(imported[of.name]);
    for (const [id, resource] of view.entries(of, place)) if (!ids.has(id)) yield resource;
  }
}

/** Everything in it that looks like an id: too much does no harm. */
function namedIds(part: unknown): Iterable<string> {
  const text = JSON.stringify(part) ?? '';
  return Array.from(text.matchAll(/"([a-z]+-[0-9A-Za-z._-]+)"/g), ([, id]) => id);
}

function isDefaultOf(part: unknown, vpcId: string): boolean {
  const { VpcId, GroupName, IsDefault, Associations } = part as {
    readonly VpcId?: string;
    readonly GroupName?: string;
    readonly IsDefault?: boolean;
    readonly Associations?: readonly { readonly Main?: boolean }[];
  };
  if (VpcId !== vpcId) return false;
  return GroupName === 'default' || IsDefault === true || (Associations ?? []).some(({ Main }) => Main);
}
