import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import path from 'node:path';

/** The path of a program in `programs`, for Node to run inside a namespace. */
export const program = (name: string): string => path.join(import.meta.dirname, 'programs', `${name}.mjs`);

/**
 * Network namespaces for live tests: made with `ip`, named uniquely, removed with everything in them whatever happened.
 * All traffic of the tests stays between them.
 */
export const liveUnavailable: string | undefined = whyUnavailable();

function whyUnavailable(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces need Linux';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  if (!hasProgram('ip')) return 'there is no program ip (iproute2)';
  return tryNamespace();
}

function tryNamespace(): string | undefined {
  const name = `hg-try-${randomBytes(3).toString('hex')}`;
  try {
    execFileSync('ip', ['netns', 'add', name], { stdio: 'pipe' });
    execFileSync('ip', ['netns', 'del', name], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return `no network namespace can be made: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Whether a program is on the path; says so on standard error when it is not. */
export function hasProgram(name: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${name}`], { stdio: 'pipe' });
    return true;
  } catch {
    console.warn(`live tests: there is no program ${name}; what needs it is skipped`);
    return false;
  }
}

if (liveUnavailable !== undefined) console.warn(`live tests are skipped: ${liveUnavailable}`);

export interface CommandResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs in a namespace until it ends or is stopped. */
export interface RunningCommand {
  readonly child: ChildProcess;
  readonly ended: Promise<CommandResult>;
  /** Waits until standard output or standard error holds a text; fails when the command ends before. */
  waitFor(text: string | RegExp): Promise<void>;
}

/** A set of namespaces that are removed together. */
export class Namespaces {
  readonly #suffix = randomBytes(3).toString('hex');
  readonly #names: string[] = [];
  readonly #running = new Set<ChildProcess>();
  readonly #cwd: string | undefined;

  /** Commands are started in the folder `cwd`. */
  constructor(cwd?: string) {
    this.#cwd = cwd;
  }

  /** Makes a namespace with loopback up; gives its full name. IPv6 addresses in it are usable at once. */
  add(label: string): string {
    const name = `hg-${label}-${this.#suffix}`;
    ip('netns', 'add', name);
    this.#names.push(name);
    this.ip(name, 'link', 'set', 'lo', 'up');
    for (const scope of ['all', 'default']) {
      this.run(name, 'sysctl', '-qw', `net.ipv6.conf.${scope}.accept_dad=0`);
      this.run(name, 'sysctl', '-qw', `net.ipv6.conf.${scope}.router_solicitations=0`);
    }
    return name;
  }

  /** Makes a veth pair with one end in each namespace, both up. */
  connect(a: string, aDevice: string, b: string, bDevice: string): void {
    ip('link', 'add', aDevice, 'netns', a, 'type', 'veth', 'peer', 'name', bDevice, 'netns', b);
    this.ip(a, 'link', 'set', aDevice, 'up');
    this.ip(b, 'link', 'set', bDevice, 'up');
  }

  /** Makes a bridge, up, with the devices as its ports. */
  addBridge(namespace: string, bridge: string, ports: readonly string[]): void {
    this.ip(namespace, 'link', 'add', bridge, 'type', 'bridge', 'stp_state', '0', 'forward_delay', '0');
    for (const port of ports) this.ip(namespace, 'link', 'set', port, 'master', bridge);
    this.ip(namespace, 'link', 'set', bridge, 'up');
  }

  addAddress(namespace: string, device: string, ...prefixes: string[]): void {
    for (const prefix of prefixes) {
      const nodad = prefix.includes(':') ? ['nodad'] : [];
      this.ip(namespace, 'address', 'add', prefix, 'dev', device, ...nodad);
    }
  }

  /** Runs `ip` inside a namespace. */
  ip(namespace: string, ...args: string[]): string {
    return ip('-n', namespace, ...args);
  }

  /** Runs a command inside a namespace to its end; throws when it fails. */
  run(namespace: string, ...command: string[]): string {
    return execFileSync('ip', ['netns', 'exec', namespace, ...command], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** A counter of a device, such as `tx_packets`. */
  readCounter(namespace: string, device: string, counter: string): number {
    return Number(this.run(namespace, 'cat', `/sys/class/net/${device}/statistics/${counter}`));
  }

  /** Starts a command inside a namespace. */
  start(namespace: string, ...command: string[]): RunningCommand {
    // `ip netns exec` replaces itself by the command: a signal to the child reaches the command.
    const child = spawn('ip', ['netns', 'exec', namespace, ...command], {
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(this.#cwd !== undefined && { cwd: this.#cwd }),
    });
    this.#running.add(child);
    return watch(child, () => this.#running.delete(child));
  }

  /** Ends what still runs and removes all namespaces, and with them their devices. */
  remove(): void {
    for (const child of this.#running) child.kill('SIGKILL');
    for (const name of this.#names.splice(0)) {
      try {
        ip('netns', 'del', name);
      } catch (error) {
        console.warn(`live tests: namespace ${name} is left behind: ${String(error)}`);
      }
    }
  }
}

function ip(...args: string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function watch(child: ChildProcess, onEnd: () => void): RunningCommand {
  let stdout = '';
  let stderr = '';
  let isOver = false;
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const check of waiting) check();
  };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    wake();
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    wake();
  });
  const ended = new Promise<CommandResult>((resolve) => {
    child.on('close', (status) => {
      isOver = true;
      onEnd();
      wake();
      resolve({ status, stdout, stderr });
    });
  });
  const waitFor = (text: string | RegExp) =>
    new Promise<void>((resolve, reject) => {
      const holds = (output: string) =>
        typeof text === 'string' ? output.includes(text) : text.test(output);
      const check = () => {
        if (holds(stdout) || holds(stderr)) resolve();
        else if (isOver) reject(new Error(`the command ended before it said "${text}": ${stdout}${stderr}`));
        else return;
        waiting.delete(check);
      };
      waiting.add(check);
      check();
    });
  return { child, ended, waitFor };
}
