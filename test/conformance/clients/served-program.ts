import { readFileSync, writeFileSync } from 'node:fs';
import { headgate, type Running, start } from '../../e2e/headgate.ts';
import type { ClientOptions } from '../server.ts';

const mebi = 1024 ** 2;

/** `headgate up --no-capture`, compiled and in a process of its own, with a data folder in a folder. */
export class ServedProgram {
  readonly #running: Running;
  readonly #options: ClientOptions;

  private constructor(running: Running, options: ClientOptions) {
    this.#running = running;
    this.#options = options;
  }

  static async start(folder: string, ...args: readonly string[]): Promise<ServedProgram> {
    const running = start(folder, ['up', '--no-capture', '--listen', '127.0.0.1:0', ...args]);
    await running.waitFor("AWS's API is at ");
    const { stdout } = await headgate(folder, ['env']);
    const told = (name: string) => new RegExp(`^export ${name}=(.*)$`, 'm').exec(stdout)?.[1] ?? '';
    return new ServedProgram(running, {
      region: told('AWS_REGION'),
      endpoint: told('AWS_ENDPOINT_URL'),
      credentials: {
        accessKeyId: told('AWS_ACCESS_KEY_ID'),
        secretAccessKey: told('AWS_SECRET_ACCESS_KEY'),
      },
      maxAttempts: 1,
      disableHostPrefix: true,
    });
  }

  client(): ClientOptions {
    return this.#options;
  }

  get port(): string {
    return new URL(this.#options.endpoint ?? '').port;
  }

  /** From now on the peak is that of what comes. */
  forgetPeak(): void {
    writeFileSync(`/proc/${this.#running.child.pid}/clear_refs`, '5');
  }

  /** The memory that it has, and the most that it has had: MiB. */
  memory(): { readonly now: number; readonly peak: number } {
    const status = readFileSync(`/proc/${this.#running.child.pid}/status`, 'utf8');
    const kibibytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]);
    return { now: (kibibytes('VmRSS') * 1024) / mebi, peak: (kibibytes('VmHWM') * 1024) / mebi };
  }

  async stop(): Promise<void> {
    this.#running.child.kill('SIGTERM');
    await this.#running.ended;
  }
}
