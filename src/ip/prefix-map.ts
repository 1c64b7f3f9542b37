import type { IpAddress, Words } from './address.ts';
import { maskAddress, type Prefix } from './prefix.ts';

/**
 * Longest-prefix match over a set of prefixes. A look-up costs one hash probe for each distinct prefix length of
 * the family, whatever the number of prefixes. It allocates, so it belongs to set-up and to slow paths.
 */
export class PrefixMap<V> {
  /** Per family, longest first. */
  readonly #lengths: Record<4 | 6, { length: number; values: Map<string, V> }[]> = { 4: [], 6: [] };

  /** Adds a prefix; an equal one that is already there keeps its value, and the answer is false. */
  add(prefix: Prefix, value: V): boolean {
    const levels = this.#lengths[prefix.family];
    let level = levels.find((candidate) => candidate.length === prefix.length);
    if (!level) {
      level = { length: prefix.length, values: new Map() };
      levels.push(level);
      levels.sort((a, b) => b.length - a.length);
    }
    const key = wordsKey(prefix.words);
    if (level.values.has(key)) return false;
    level.values.set(key, value);
    return true;
  }

  /** The value of the longest prefix that holds the address. */
  find(address: IpAddress): V | undefined {
    for (const { length, values } of this.#lengths[address.family]) {
      const value = values.get(wordsKey(maskAddress(address, length)));
      if (value !== undefined) return value;
    }
    return undefined;
  }
}

function wordsKey(words: Words): string {
  return `${words[0]},${words[1]},${words[2]},${words[3]}`;
}
