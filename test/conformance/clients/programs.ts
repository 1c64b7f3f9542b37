import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import type { ClientOptions } from '../server.ts';

const run = promisify(execFile);

/** Where `.ci/run` keeps environments of Python with clients of given versions. */
const installed =
  process.env.HEADGATE_CLIENTS ??
  path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'headgate-clients');

/** Of a client that `.ci/run` has installed or built, if it has. */
export function installedPath(...names: readonly string[]): string {
  return path.join(installed, ...names);
}

/** A client as it is installed here; without a version it is not. */
export interface Client {
  readonly program: string;
  readonly version?: string;
}

/** Those of `.ci/run`, else what the machine has. */
export async function awsCommandLines(): Promise<Client[]> {
  const own = installedPath('new', 'bin', 'aws');
  return clients([existsSync(own) ? own : 'aws', '/usr/bin/aws'], ['--version']);
}

export async function pythons(): Promise<Client[]> {
  const own = ['new', 'old'].map((name) => installedPath(name, 'bin', 'python'));
  const there = own.filter((program) => existsSync(program));
  const print = ['-c', 'import boto3; print("boto3", boto3.__version__)'];
  return clients(there.length > 0 ? there : ['python3'], print);
}

/** Said in the name of a test; one that is not there is skipped. */
export function shown({ program, version }: Client): string {
  return version ?? `${program} is not here: skipped (.ci/run installs it)`;
}

function clients(programs: readonly string[], args: string[]): Promise<Client[]> {
  return Promise.all(
    programs.map(async (program) => {
      try {
        const { stdout, stderr } = await run(program, args);
        const [version = program] = /^\S+[ /][\d.]+/.exec(stdout || stderr) ?? [];
        return { program, version };
      } catch {
        return { program };
      }
    }),
  );
}

/** What is asked: a `ServedAccount`, or a `ServedProgram`. */
export interface Asked {
  client(): ClientOptions;
}

/** All that a client finds in its environment: the administrator, nothing of who runs the tests. */
export function environment(served: Asked): NodeJS.ProcessEnv {
  const { credentials, region, endpoint } = served.client();
  return {
    PATH: process.env.PATH,
    HOME: '/nonexistent',
    AWS_ACCESS_KEY_ID: credentials?.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials?.secretAccessKey,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ENDPOINT_URL: endpoint,
    AWS_DISABLE_HOST_PREFIX_INJECTION: 'true',
    AWS_PAGER: '',
    AWS_EC2_METADATA_DISABLED: 'true',
    PYTHONUNBUFFERED: '1',
    PYTHONWARNINGS: 'ignore',
  };
}

/** The AWS CLI, told the endpoint as old ones want it. */
export class AwsCommandLine {
  readonly #program: string;
  readonly #served: Asked;
  readonly #environment: NodeJS.ProcessEnv;

  constructor(program: string, served: Asked, more: NodeJS.ProcessEnv = {}) {
    this.#program = program;
    this.#served = served;
    this.#environment = { ...environment(served), ...more };
  }

  /** What it prints, read as JSON where it is JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: what a command prints
  async run(words: string, ...values: readonly string[]): Promise<any> {
    const { stdout } = await run(this.#program, this.#args(words, values), {
      env: this.#environment,
    });
    const text = stdout.trim();
    return /^[[{"]/.test(text) ? JSON.parse(text) : text;
  }

  /** What it makes of these bytes: standard input to standard output. */
  async pipe(input: Uint8Array, words: string, ...values: readonly string[]): Promise<Buffer> {
    const child = this.start(words, ...values);
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    // It may end before it has read everything.
    child.stdin.on('error', () => undefined).end(input);
    const [output, said, code] = await Promise.all([buffer(child.stdout), buffer(child.stderr), ended]);
    if (code !== 0) throw new Error(`ended with ${code}: ${said}`);
    return output;
  }

  /** The end of what it says when it refuses. */
  async refusal(words: string, ...values: readonly string[]): Promise<string> {
    const printed = await this.run(words, ...values).catch((error: Error) => error);
    return printed instanceof Error ? printed.message.trim().split('\n').slice(-1)[0] : `printed ${printed}`;
  }

  /** One that goes on until it is ended. */
  start(words: string, ...values: readonly string[]): ChildProcessWithoutNullStreams {
    return spawn(this.#program, this.#args(words, values), { env: this.#environment });
  }

  #args(words: string, values: readonly string[]): string[] {
    const { endpoint = '' } = this.#served.client();
    return ['--endpoint-url', endpoint, '--output', 'json', ...words.split(' '), ...values];
  }
}

/** What a child has printed, as soon as the text is in it; after a while without it, what there was. */
export function printed(
  child: ChildProcessWithoutNullStreams,
  text: string,
  waitMs = 20_000,
): Promise<string> {
  return new Promise((resolve) => {
    let found = '';
    const end = (): void => {
      clearTimeout(timer);
      resolve(found);
    };
    const timer = setTimeout(end, waitMs);
    const take = (piece: Buffer): void => {
      found += piece.toString();
      if (found.includes(text)) end();
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('close', end);
  });
}
