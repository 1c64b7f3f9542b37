import { type Field, type FieldSource, fields } from './fields.ts';

const sources: Readonly<Record<FieldSource, string>> = {
  packets: 'yes',
  network: 'from the network',
  'ip-ranges': 'with --ip-ranges',
  never: 'no',
};

/** What `headgate fields` prints: a line for each field, in columns; then, indented, when it is `-`. */
export function fieldTableText(): string {
  const heading = ['FIELD', 'VERSION', 'TYPE', 'COMPUTED'];
  const cells = fields.map((field) => [field.token, versionText(field), field.type, sources[field.computed]]);
  const widths = heading.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i].length)));
  const line = (row: readonly string[], last: string) =>
    `${row.map((cell, i) => cell.padEnd(widths[i])).join('  ')}  ${last}\n`;
  const indent = ' '.repeat(widths.reduce((sum, width) => sum + width + 2, 0));
  const rows = fields.map((field, i) => {
    const missing = missingText(field);
    return line(cells[i], plain(field.meaning)) + (missing === '' ? '' : `${indent}- ${plain(missing)}\n`);
  });
  return line(heading, 'MEANING') + rows.join('');
}

/** The same as a Markdown table, for the documentation. */
export function fieldTableMarkdown(): string {
  const rows = fields.map((field) => {
    const cells = [`\`${field.token}\``, versionText(field), field.type, sources[field.computed]];
    return `| ${[...cells, field.meaning, missingText(field)].join(' | ')} |\n`;
  });
  return `| field | version | type | computed | meaning | \`-\` |\n|---|---|---|---|---|---|\n${rows.join('')}`;
}

function missingText({ computed, missing }: Field): string {
  if (missing === undefined) return '';
  return computed === 'never' ? `always: ${missing}` : `when ${missing}`;
}

function versionText(field: Field): string {
  return field.origin === 'headgate' ? 'headgate' : String(field.version);
}

/** Text without Markdown's code marks. */
function plain(text: string): string {
  return text.replaceAll('`', '');
}
