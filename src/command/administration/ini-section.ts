/**
 * A file of sections, as the AWS CLI keeps its profiles, with these members in one section: members of other names, and
 * all other lines, stay as they are.
 */
export function withSection(
  text: string,
  section: string,
  members: Readonly<Record<string, string>>,
): string {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  const begin = lines.findIndex((line) => headerOf(line) === section);
  const written = Object.entries(members).map(([name, value]) => `${name} = ${value}`);
  if (begin < 0) {
    const gap = lines.length > 0 && lines[lines.length - 1] !== '' ? [''] : [];
    return `${[...lines, ...gap, `[${section}]`, ...written].join('\n')}\n`;
  }
  const after = lines.findIndex((line, at) => at > begin && headerOf(line) !== undefined);
  const end = after < 0 ? lines.length : after;
  const kept = lines.slice(begin + 1, end).filter((line) => !Object.hasOwn(members, nameOf(line)));
  return `${[...lines.slice(0, begin + 1), ...written, ...kept, ...lines.slice(end)].join('\n')}\n`;
}

function headerOf(line: string): string | undefined {
  return /^\s*\[\s*([^\]]*?)\s*\]/.exec(line)?.[1];
}

function nameOf(line: string): string {
  return /^([^\s=#;][^=]*?)\s*=/.exec(line)?.[1] ?? '';
}
