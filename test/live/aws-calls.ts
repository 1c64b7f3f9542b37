import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { type Namespaces, program, type RunningCommand } from './namespaces.ts';

/** Calls of AWS's API out of a namespace, where the server's loopback is. */
export class AwsCalls {
  readonly #command: RunningCommand;
  readonly #lines: Interface;

  /** `env`: what `headgate env` printed. */
  constructor(namespaces: Namespaces, namespace: string, env: string) {
    const variables = [...env.matchAll(/^export ([A-Z_]+)='?([^'\n]*)'?$/gm)].map(
      ([, name, value]) => `${name}=${value}`,
    );
    this.#command = namespaces.start(namespace, 'env', ...variables, process.execPath, program('call-aws'));
    this.#lines = createInterface({ input: this.#command.child.stdout! });
  }

  /** The output; one call after the other. Fails with `Name: message` as AWS would. */
  async call<Output>(service: 'ec2' | 'iam' | 'logs', command: string, input: object = {}): Promise<Output> {
    const answered = once(this.#lines, 'line');
    this.#command.child.stdin?.write(`${JSON.stringify({ service, command, input })}\n`);
    const [line] = (await answered) as [string];
    const { output, error } = JSON.parse(line);
    if (error) throw new Error(`${error.name}: ${error.message}`);
    return output;
  }

  async close(): Promise<void> {
    this.#command.child.stdin?.end();
    await this.#command.ended;
  }
}
