/** Words that would be read as something else in one command or another: as names they are printed with backticks. */
const keywords: ReadonlySet<string> = new Set([
  ...['and', 'or', 'not', 'in', 'like', 'as', 'by'],
  ...['asc', 'desc', 'with', 'logfmt', 'csv', 'xml'],
]);

/** Segments with dots between them: `a.0.b`, `` a.`b.c` ``. */
export function printPath(path: readonly string[]): string {
  const single = path.length === 1 && keywords.has(path[0].toLowerCase());
  return path.map((segment, i) => (isPlain(segment, i) && !single ? segment : `\`${segment}\``)).join('.');
}

function isPlain(segment: string, index: number): boolean {
  return (index === 0 ? /^@*[A-Za-z_]\w*$/ : /^@*\w+$/).test(segment);
}

/** A name of which only the whole is known; dots in it are as good as between backticks. */
export function printName(name: string): string {
  return /^@*[A-Za-z_]\w*(?:\.@*\w+)*$/.test(name) && !keywords.has(name.toLowerCase())
    ? name
    : `\`${name}\``;
}

const escapes: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '"': '\\"',
  '\\': '\\\\',
};

export function printString(value: string): string {
  return `"${value.replace(/[\n\r\t"\\]/g, (character) => escapes[character])}"`;
}

export function printRegex(pattern: string): string {
  return `/${pattern.replace(/\\[\s\S]|\//g, (found) => (found === '/' ? '\\/' : found))}/`;
}
