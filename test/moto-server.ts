import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { installedPath } from './conformance/clients/programs.ts';

const own = installedPath('moto', 'bin', 'python');
const python = existsSync(own) ? own : 'python3';

/** Whether moto can be had here: asked when somebody needs it, for it starts slowly. */
export function hasMoto(): boolean {
  return spawnSync(python, ['-c', 'import moto.server']).status === 0;
}

/** Said in the name of a test that is skipped without it. */
export const withoutMoto = 'moto is not here: skipped (.ci/run installs it)';

/** Another implementation of AWS's services, in a process of its own on loopback. It takes any credentials. */
export class MotoServer {
  readonly endpoint: string;
  readonly #process: ChildProcess;

  private constructor(endpoint: string, process: ChildProcess) {
    this.endpoint = endpoint;
    this.#process = process;
  }

  static async start(): Promise<MotoServer> {
    const port = await freePort();
    const process = spawn(python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], {
      stdio: 'ignore',
    });
    const endpoint = `http://127.0.0.1:${port}`;
    for (let i = 0; i < 300; i++) {
      const answer = await fetch(`${endpoint}/moto-api/`).catch(() => undefined);
      await answer?.body?.cancel();
      if (answer?.ok) return new MotoServer(endpoint, process);
      await sleep(100);
    }
    process.kill();
    throw new Error('moto has not started within 30 seconds');
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill();
    await ended;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
