import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { call, type Signer } from './signed-request.ts';
import { repositoryFolder, workPath } from './work-folder.ts';

/** The key of every server here; Headgate takes it at the first start, moto looks at none. */
const key = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY0',
};
/** Those of the store of the query benchmark. */
const place = { accountId: '123456789010', region: 'eu-central-1' };

/** Ended with this process, however it ends. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill();
});

/** A server that runs, and how it is asked. */
export class ServerProgram {
  readonly signer: Signer;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    running.add(child.once('exit', () => running.delete(child)));
    this.signer = { port, region: place.region, ...key };
  }

  /** `headgate up` without capture, over a data folder. */
  static headgate(dataDirectory: string): Promise<ServerProgram> {
    const options = ['--no-capture', '--listen', '127.0.0.1:0', '--data-dir', dataDirectory];
    const home = ['--account', place.accountId, '--region', place.region];
    return ServerProgram.#start(process.execPath, [
      join(repositoryFolder, 'dist', 'command', 'main.js'),
      'up',
      ...options,
      ...home,
    ]);
  }

  /** A bare `node:http` server with one answer, kept in a file. */
  static bare(parsed: 'json' | 'form', answerFile: string): Promise<ServerProgram> {
    const type = parsed === 'json' ? 'application/x-amz-json-1.1' : 'text/xml;charset=UTF-8';
    return ServerProgram.#start(process.execPath, [
      workPath('js', 'bench', 'bare-server.js'),
      parsed,
      type,
      answerFile,
    ]);
  }

  /** A bare `node:http` server that keeps bodies in files of a folder, and sends them back. */
  static bareFiles(folder: string): Promise<ServerProgram> {
    return ServerProgram.#start(process.execPath, [workPath('js', 'bench', 'bare-files.js'), folder]);
  }

  /** moto's server, from the environment that `ensureMoto` makes. */
  static moto(folder: string): Promise<ServerProgram> {
    return ServerProgram.#start(join(folder, 'bin', 'moto_server'), ['-H', '127.0.0.1', '-p', '0']);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** MiB. */
  get residentMegabytes(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
  }

  ec2(operation: string, input: Readonly<Record<string, unknown>> = {}): Promise<string> {
    return call(this.signer, { service: 'ec2', operation, input });
  }

  async logs<T>(operation: string, input: Readonly<Record<string, unknown>>): Promise<T> {
    const answer = await call(this.signer, { service: 'logs', operation, input });
    return (answer === '' ? {} : JSON.parse(answer)) as T;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.kill('SIGTERM');
    await once(this.#child, 'exit');
  }

  /** Servers say on standard error where they listen. */
  static async #start(command: string, args: readonly string[]): Promise<ServerProgram> {
    const env = {
      ...process.env,
      HEADGATE_ACCESS_KEY_ID: key.accessKeyId,
      HEADGATE_SECRET_ACCESS_KEY: key.secretAccessKey,
      PYTHONUNBUFFERED: '1',
    };
    const child = spawn(command, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    const port = await new Promise<number | string>((resolve) => {
      let said = '';
      child.on('error', (error) => resolve(error.message)).on('exit', () => resolve(said));
      child.stderr.setEncoding('utf8').on('data', (piece: string) => {
        said = (said + piece).slice(-10_000);
        const found = /http:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1];
        if (found !== undefined) resolve(Number(found));
      });
    });
    if (typeof port === 'number') return new ServerProgram(child, port);
    throw new Error(`${command} ended: ${port}`);
  }
}

/** A program of the benchmark that reads JSON and writes JSON, in a process of its own. */
export async function runProgram<T>(script: string, input: unknown): Promise<T> {
  const child = spawn(process.execPath, [workPath('js', 'bench', `${script}.js`)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  child.stdin.end(JSON.stringify(input));
  const output = await text(child.stdout);
  const [code] = await ended;
  if (code !== 0) throw new Error(`${script} ended with ${code}`);
  return JSON.parse(output) as T;
}

/** The folder of moto's environment; undefined where it cannot be had. */
export async function ensureMoto(): Promise<string | undefined> {
  const folder = workPath('moto');
  if (existsSync(join(folder, 'bin', 'moto_server'))) return folder;
  process.stderr.write('installing moto\n');
  const steps = [
    ['python3', '-m', 'venv', folder],
    [join(folder, 'bin', 'pip'), 'install', '--quiet', 'moto[server,ec2,logs]'],
  ];
  for (const [command, ...args] of steps) {
    const child = spawn(command, args, { stdio: 'ignore' });
    const code = await new Promise((resolve) => child.on('error', resolve).on('exit', resolve));
    if (code !== 0) return undefined;
  }
  return folder;
}
