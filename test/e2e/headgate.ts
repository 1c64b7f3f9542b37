/** The compiled command line as a user runs it: words in, text and an exit code out. `npm test` compiles it first. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll } from 'vitest';
import type { CaptureStats } from '../../src/command/capture/sums.ts';

export const mainProgram = path.resolve(import.meta.dirname, '../../dist/command/main.js');

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Of this file of tests, for those that a failed test leaves behind. */
const children = new Set<ChildProcess>();
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

/** A folder for a file of tests, removed after them; each test takes folders of its own from it. */
export class Scratch {
  readonly #root = mkdtempSync(path.join(tmpdir(), 'headgate-e2e-'));
  #folders = 0;

  constructor() {
    afterAll(() => rmSync(this.#root, { recursive: true }));
  }

  /** A new folder with these files; gives its path. */
  folder(files: Readonly<Record<string, Uint8Array | string>> = {}): string {
    const folder = path.join(this.#root, String(this.#folders++));
    mkdirSync(folder);
    for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content);
    return folder;
  }
}

/** A command that runs, its output so far, and its end. */
export class Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout = '';
  stderr = '';

  constructor(command: string, args: readonly string[], cwd: string) {
    const { AWS_REGION, ...env } = process.env;
    this.child = spawn(command, args, { cwd, env, stdio: 'pipe' });
    children.add(this.child);
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    // The command may end before it has read everything.
    this.child.stdin?.on('error', () => undefined);
    this.ended = new Promise((resolve, reject) => {
      this.child.on('error', reject).on('close', (code, signal) => {
        children.delete(this.child);
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  /** Fulfilled when standard output or error has the text; rejected when the command ends without it. */
  waitFor(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (this.stdout.includes(text) || this.stderr.includes(text)) resolve();
      };
      this.child.stdout?.on('data', look);
      this.child.stderr?.on('data', look);
      look();
      this.ended.then(({ stderr }) => reject(new Error(`ended without ${text}: ${stderr}`)), reject);
    });
  }

  /** Fulfilled when the command listens to signals; where there is no /proc to tell, after a while. */
  async listensToSignals(): Promise<void> {
    const status = `/proc/${this.child.pid}/status`;
    if (!existsSync(status)) return setTimeout(2000);
    // SIGHUP, the lowest bit: the engine itself catches the others.
    const isCaught = /^SigCgt:\s*[0-9a-f]*[13579bdf]$/m;
    while (existsSync(status) && !isCaught.test(readFileSync(status, 'utf8'))) await setTimeout(20);
  }

  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.child.stdin?.write(bytes, () => resolve());
    });
  }
}

export function start(cwd: string, args: readonly string[]): Running {
  return new Running(process.execPath, [mainProgram, ...args], cwd);
}

/** Runs `headgate` to its end, with these bytes on standard input. */
export function headgate(cwd: string, args: readonly string[], input?: Uint8Array): Promise<Ended> {
  const running = start(cwd, args);
  running.child.stdin?.end(input);
  return running.ended;
}

/** What `--stats json` printed: the last line of standard error. */
export function statsOf({ stderr }: Pick<Ended, 'stderr'>): CaptureStats {
  return JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '') as CaptureStats;
}

export function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}
