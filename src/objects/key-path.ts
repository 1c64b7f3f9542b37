import { createHash } from 'node:crypto';

/** A longer segment, or one that is longer once escaped, is cut: names of files have at most 255 bytes. */
const maxNameBytes = 200;
const cutBytes = 100;
const emptyName = '%';
const hashMark = '%~';

/**
 * The names of the folders and of the file that a key stands for, below its bucket's folder. A segment is written as it
 * is where that is a name that a file may have; else as `%` and two digits of each byte in question. What a name of that
 * kind cannot hold is free for the rest: `%` alone is the empty segment, `%~` comes before the hash of a long one, and a
 * `%` at the end of a file's name says that it lies beside a folder of its name. No two keys share a path.
 */
export function keyPath(key: string): string[] {
  return key.split('/').map(segmentName);
}

/** Of the file whose name is a folder's. */
export function besideName(name: string): string {
  return `${name}%`;
}

/** Whether the path alone does not tell its key. */
export function isHashed(names: readonly string[]): boolean {
  return names.some((name) => name.includes(hashMark));
}

/** The key of a path that `keyPath` makes, or of its file beside a folder; undefined for any other. */
export function keyOfPath(names: readonly string[]): string | undefined {
  const last = names[names.length - 1];
  const isBeside = last.length > 1 && last.endsWith('%');
  const plain = isBeside ? [...names.slice(0, -1), last.slice(0, -1)] : names;
  const key = plain
    .map((name) => (name === emptyName ? '' : name.replace(/%([0-9A-F]{2})/g, unescaped)))
    .join('/');
  const canonical = keyPath(key);
  const isSame = canonical.length === plain.length && canonical.every((name, index) => name === plain[index]);
  return isSame ? key : undefined;
}

function segmentName(segment: string): string {
  if (segment === '') return emptyName;
  if (segment === '.' || segment === '..') return segment.replaceAll('.', '%2E');
  const name = escaped(segment);
  if (Buffer.byteLength(name) <= maxNameBytes) return name;
  return `${beginning(segment)}${hashMark}${createHash('sha256').update(segment).digest('hex')}`;
}

function escaped(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is escaped
  return text.replace(/[%\x00-\x1f\x7f]/g, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  });
}

function unescaped(_escape: string, digits: string): string {
  return String.fromCharCode(Number.parseInt(digits, 16));
}

/** For a person who looks: what tells long segments apart is their hash. */
function beginning(segment: string): string {
  let name = '';
  let bytes = 0;
  for (const character of segment) {
    const piece = escaped(character);
    bytes += Buffer.byteLength(piece);
    if (bytes > cutBytes) break;
    name += piece;
  }
  return name;
}
