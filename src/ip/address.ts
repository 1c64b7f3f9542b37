export type Words = readonly [number, number, number, number];

export interface IpAddress {
  readonly family: 4 | 6;
  /** Big-endian 32-bit words as signed integers; IPv4 is in the last. */
  readonly words: Words;
}

const dot = 46;
const zero = 48;

/** Reads dotted-quad IPv4 (no leading zeros) or RFC 4291 IPv6 text, without zone; `undefined` when it is neither. */
export function parseAddress(text: string): IpAddress | undefined {
  if (text.includes(':')) {
    const words = parseIpv6(text);
    return words && { family: 6, words };
  }
  const word = parseIpv4(text);
  return word === undefined ? undefined : { family: 4, words: [0, 0, 0, word] };
}

/** Character by character: a made-up network reads thousands. */
function parseIpv4(text: string): number | undefined {
  let word = 0;
  let byte = -1;
  let dots = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === dot) {
      if (byte < 0 || ++dots > 3) return undefined;
      word = (word << 8) | byte;
      byte = -1;
    } else {
      const digit = code - zero;
      // A second digit after 0 would be octal somewhere.
      if (digit < 0 || digit > 9 || byte === 0) return undefined;
      byte = byte < 0 ? digit : byte * 10 + digit;
      if (byte > 255) return undefined;
    }
  }
  return dots === 3 && byte >= 0 ? (word << 8) | byte : undefined;
}

function parseIpv6(text: string): Words | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0], halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1], true) : [];
  if (!head || !tail) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail];
  return [
    (groups[0] << 16) | groups[1],
    (groups[2] << 16) | groups[3],
    (groups[4] << 16) | groups[5],
    (groups[6] << 16) | groups[7],
  ];
}

function parseGroups(text: string, mayEndInIpv4: boolean): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (part.includes('.')) {
      const word = mayEndInIpv4 && index === parts.length - 1 ? parseIpv4(part) : undefined;
      if (word === undefined) return undefined;
      groups.push(word >>> 16, word & 0xffff);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined;
      groups.push(Number.parseInt(part, 16));
    }
  }
  return groups.length <= 8 ? groups : undefined;
}

export function formatIpv4(word: number): string {
  return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`;
}

/** RFC 5952: lower case, the longest run of two or more zero groups shortened, the first of equals. */
export function formatIpv6(w0: number, w1: number, w2: number, w3: number): string {
  const groups = [
    w0 >>> 16,
    w0 & 0xffff,
    w1 >>> 16,
    w1 & 0xffff,
    w2 >>> 16,
    w2 & 0xffff,
    w3 >>> 16,
    w3 & 0xffff,
  ];
  let bestStart = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (end < 8 && groups[end] === 0) end++;
    if (end - i > bestLength) {
      bestStart = i;
      bestLength = end - i;
    }
    if (end > i) i = end;
  }
  const hex = groups.map((group) => group.toString(16));
  if (bestStart < 0) return hex.join(':');
  return `${hex.slice(0, bestStart).join(':')}::${hex.slice(bestStart + bestLength).join(':')}`;
}

export function formatAddress(family: number, w0: number, w1: number, w2: number, w3: number): string {
  return family === 4 ? formatIpv4(w3) : formatIpv6(w0, w1, w2, w3);
}
