import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { repositoryFolder } from './work-folder.ts';

const page = join(repositoryFolder, 'bench', 'results.md');

/** Puts a section's figures between its markers on the results page; the words around them are written by hand. */
export function writeSection(name: string, markdown: string): void {
  const begin = `<!-- begin ${name} -->`;
  const end = `<!-- end ${name} -->`;
  const text = existsSync(page) ? readFileSync(page, 'utf8') : '# Benchmark results\n';
  const block = `${begin}\n${markdown.trim()}\n${end}`;
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  const replaced =
    from >= 0 && to > from
      ? `${text.slice(0, from)}${block}${text.slice(to + end.length)}`
      : `${text.trimEnd()}\n\n${block}\n`;
  writeFileSync(page, replaced);
}

/** What the figures were measured on, in one line. */
export function machineLine(): string {
  const [{ model }] = cpus();
  const memoryGib = Math.round(totalmem() / 2 ** 30);
  const date = new Date().toISOString().slice(0, 10);
  return `${date}, ${model.trim()}, ${cpus().length} cores, ${memoryGib} GiB, Linux ${release().split('-')[0]}, Node ${process.version}.`;
}

/** The first line that a peer says about its version, or an empty text. */
export function versionLine(command: string, args: readonly string[], pattern: RegExp): string {
  try {
    const output = execFileSync('bash', ['-c', '"$@" 2>&1', 'bash', command, ...args], { encoding: 'utf8' });
    return pattern.exec(output)?.[0] ?? '';
  } catch {
    return '';
  }
}
