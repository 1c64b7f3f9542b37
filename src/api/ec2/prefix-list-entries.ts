import type { AddPrefixListEntry, PrefixListEntry, RemovePrefixListEntry } from '@aws-sdk/client-ec2';
import { ServiceError } from '../../fault/index.ts';
import { formatPrefix } from '../../ip/index.ts';
import type { Stored } from '../../resource/index.ts';
import { ipv4Block, ipv6Block } from './cidr.ts';
import { ec2Errors } from './errors.ts';

export type Entry = Stored<PrefixListEntry>;

/** AWS's limit for one list. */
const mostEntries = 1000;
const nameCharacters = 255;
/** Of AWS's own lists. */
const reservedName = 'com.amazonaws';

/** @throws ServiceError `InvalidParameterValue` */
export function checkName(name: string | undefined): void {
  if (!name || name.length > nameCharacters) {
    throw ec2Errors.invalidValue(`The prefix list name must have 1 to ${nameCharacters} characters`);
  }
  if (name.startsWith(reservedName)) {
    throw ec2Errors.invalidValue(`The prefix list name cannot start with ${reservedName}`);
  }
}

/** @throws ServiceError `InvalidParameterValue` */
export function checkMaxEntries(count: number | undefined): void {
  if (count !== undefined && count >= 1 && count <= mostEntries) return;
  throw ec2Errors.invalidValue(`MaxEntries must be between 1 and ${mostEntries}`);
}

/** @throws ServiceError `PrefixListMaxEntriesExceeded` */
export function checkCount(entries: readonly Entry[], most: number): void {
  if (entries.length <= most) return;
  throw new ServiceError(
    'PrefixListMaxEntriesExceeded',
    "You've reached the maximum number of entries for the prefix list.",
  );
}

/**
 * The entries and new ones; one that is there already gets the new description.
 * @throws ServiceError `InvalidParameterValue` for what is no block of the family, and for one that is named twice
 */
export function addedEntries(
  before: readonly Entry[],
  added: readonly AddPrefixListEntry[],
  family: string | undefined,
): Entry[] {
  const entries = new Map(before.map((entry) => [entry.Cidr ?? '', entry]));
  const named = new Set<string>();
  for (const { Cidr = '', Description } of added) {
    const block = formatPrefix(family === 'IPv6' ? ipv6Block(Cidr, 'Cidr') : ipv4Block(Cidr, 'Cidr'));
    if (named.has(block)) throw ec2Errors.invalidValue(`The entry '${block}' is specified more than once`);
    named.add(block);
    entries.set(block, { Cidr: block, ...(Description === undefined ? {} : { Description }) });
  }
  return [...entries.values()];
}

/** @throws ServiceError `InvalidParameterValue` for an entry that is not there */
export function withoutEntries(before: readonly Entry[], removed: readonly RemovePrefixListEntry[]): Entry[] {
  for (const { Cidr } of removed) {
    if (before.some((entry) => entry.Cidr === Cidr)) continue;
    throw ec2Errors.invalidValue(`The entry '${Cidr}' does not exist in the prefix list`);
  }
  return before.filter(({ Cidr }) => !removed.some((entry) => entry.Cidr === Cidr));
}
