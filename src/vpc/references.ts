import { formatPrefix, parseAddress, parsePrefix } from '../ip/index.ts';
import type { Findings } from './findings.ts';
import { addressKey } from './interface-addresses.ts';
import type { JsonObject } from './json-object.ts';

/** What can be named, with the file that says what there is. */
const files = {
  VPC: 'Vpcs.json',
  subnet: 'Subnets.json',
  'network interface': 'NetworkInterfaces.json',
  'security group': 'SecurityGroups.json',
  'network ACL': 'NetworkAcls.json',
  'route table': 'RouteTables.json',
  'security group rule': 'SecurityGroupRules.json',
  instance: 'Instances.json',
  'prefix list': 'ManagedPrefixListEntries',
} as const;
export type Kind = keyof typeof files;

interface Mention {
  readonly kind: Kind;
  readonly id: string;
  readonly place: string;
}

interface Placement {
  readonly subnetId: string;
  readonly vpcId: string;
  readonly place: string;
}

/**
 * What the network's files define, and what they name in each other: collected while their shapes are checked,
 * resolved once all have been read. Identity is by text; nothing here trusts a type.
 */
export class References {
  readonly #findings: Findings;
  readonly #defined = new Map<Kind, Map<string, string>>();
  readonly #unread = new Set<Kind>();
  readonly #needed: Mention[] = [];
  readonly #wished: Mention[] = [];
  readonly #placements: Placement[] = [];
  readonly #subnetVpcs = new Map<string, string>();
  /** By VPC and address: the interface's id and place. */
  readonly #addresses = new Map<string, { readonly id: string; readonly place: string }>();
  readonly #macs = new Map<string, string>();
  readonly #subnetAcls = new Map<string, string>();
  readonly #defaultAcls = new Map<string, string>();
  readonly #owners = new Map<string, Set<string>>();

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /** The file that defines this kind could not be read: what names one of it is no further error. */
  unread(kind: Kind): void {
    this.#unread.add(kind);
  }

  define(kind: Kind, id: string, place: string): void {
    const defined = this.#defined.get(kind) ?? new Map<string, string>();
    const first = defined.get(id);
    if (first !== undefined)
      this.#findings.error(place, id, `each ${kind} once, and it is at ${first} already`);
    else defined.set(id, place);
    this.#defined.set(kind, defined);
  }

  /** What is named must be defined. */
  need(kind: Kind, id: string | undefined, place: string): void {
    if (id !== undefined) this.#needed.push({ kind, id, place });
  }

  /** A rule that names what is not defined never matches: a warning. */
  wish(kind: 'security group' | 'prefix list', id: string | undefined, place: string): void {
    if (id !== undefined) this.#wished.push({ kind, id, place });
  }

  subnetIn(subnetId: string, vpcId: string): void {
    if (!this.#subnetVpcs.has(subnetId)) this.#subnetVpcs.set(subnetId, vpcId);
  }

  interfaceIn(subnetId: string, vpcId: string, place: string): void {
    this.#placements.push({ subnetId, vpcId, place });
  }

  /** An address or delegated prefix, which one interface of a VPC may have. */
  owns(vpcId: string, id: string, addressOrPrefix: string | undefined, place: string): void {
    if (addressOrPrefix === undefined) return;
    const key = `${vpcId} ${canonical(addressOrPrefix)}`;
    const first = this.#addresses.get(key);
    if (!first) this.#addresses.set(key, { id, place });
    else if (first.id !== id) {
      this.#findings.error(
        place,
        addressOrPrefix,
        `an address that no other has in ${vpcId}, and ${first.id} has it`,
      );
    }
  }

  mac(mac: string, id: string, place: string): void {
    const key = mac.toLowerCase().replaceAll('-', ':');
    const first = this.#macs.get(key);
    if (first === undefined) this.#macs.set(key, id);
    else if (first !== id) {
      this.#findings.warn(
        `mac ${key}`,
        `${place}: ${first} has ${key} too: by MAC address the last one is found`,
      );
    }
  }

  aclOf(subnetId: string, aclId: string, place: string): void {
    const first = this.#subnetAcls.get(subnetId);
    if (first === undefined) this.#subnetAcls.set(subnetId, aclId);
    else if (first !== aclId)
      this.#findings.error(place, subnetId, `a subnet with one network ACL, and it has ${first}`);
  }

  defaultAcl(vpcId: string, aclId: string): void {
    if (!this.#defaultAcls.has(vpcId)) this.#defaultAcls.set(vpcId, aclId);
  }

  owner(object: JsonObject, ownerId: string | undefined): void {
    if (ownerId === undefined) return;
    const places = this.#owners.get(ownerId) ?? new Set<string>();
    this.#owners.set(ownerId, places.add(object.place.slice(0, object.place.indexOf(':'))));
  }

  /** Adds what does not fit together to the findings. */
  resolve(): void {
    for (const { kind, id, place } of this.#needed) {
      if (!this.#knows(kind, id)) this.#findings.error(place, id, `a ${kind} that is in ${files[kind]}`);
    }
    this.#resolvePlacements();
    for (const { kind, id, place } of this.#wished) {
      if (!this.#knows(kind, id)) this.#findings.warn(`${kind} ${id}`, unmatched(kind, id, place));
    }
    this.#resolveAcls();
    this.#resolveOwners();
  }

  #knows(kind: Kind, id: string): boolean {
    return this.#unread.has(kind) || (this.#defined.get(kind)?.has(id) ?? false);
  }

  #resolvePlacements(): void {
    for (const { subnetId, vpcId, place } of this.#placements) {
      const expected = this.#subnetVpcs.get(subnetId);
      if (expected === undefined || expected === vpcId) continue;
      this.#findings.error(`${place}.VpcId`, vpcId, `${expected}, where its subnet ${subnetId} is`);
    }
  }

  #resolveAcls(): void {
    if (this.#unread.has('network ACL')) return;
    for (const subnetId of new Set(this.#placements.map((placement) => placement.subnetId))) {
      const place = this.#defined.get('subnet')?.get(subnetId);
      if (place === undefined || this.#subnetAcls.has(subnetId)) continue;
      const byDefault = this.#defaultAcls.get(this.#subnetVpcs.get(subnetId) ?? '');
      const taken = byDefault
        ? `the default one of its VPC, ${byDefault}, is taken`
        : 'everything passes there';
      this.#findings.warn(
        `acl ${subnetId}`,
        `${place}: no network ACL is associated with ${subnetId}: ${taken}`,
      );
    }
  }

  #resolveOwners(): void {
    if (this.#owners.size < 2) return;
    const owners = [...this.#owners].slice(0, 5).map(([id, where]) => `${id} (${[...where].join(', ')})`);
    const more = this.#owners.size > 5 ? ` and ${this.#owners.size - 5} more` : '';
    const text = `owners differ: ${owners.join(', ')}${more}; account-id is the OwnerId of the network interface`;
    this.#findings.warn('owners', text);
  }
}

function unmatched(kind: Kind, id: string, place: string): string {
  return kind === 'prefix list'
    ? `${place}: ${id} is not in ManagedPrefixListEntries/${id}.json: the rule or route matches nothing`
    : `${place}: ${id} is not in SecurityGroups.json: the rule matches nobody`;
}

function canonical(text: string): string {
  const prefix = parsePrefix(text);
  if (prefix) return formatPrefix(prefix);
  const address = parseAddress(text);
  return address ? addressKey(address) : text;
}
