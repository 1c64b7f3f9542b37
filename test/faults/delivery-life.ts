import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { FlowLogState, LifeOptions, Told } from './delivered.ts';

const program = path.resolve(import.meta.dirname, 'delivery-process.js');

/** What outlives the processes: what was fed to them, and what they told. */
export class Diary {
  /** Interface and window of each flow, by its number. */
  readonly fed = new Map<number, { readonly interfaceIndex: number; readonly window: number }>();
  readonly sealed = new Set<number>();
  /** By interface and window: flows that are known to be lost, and whether others may be. */
  readonly losses = new Map<string, { flows: number; isUnknown: boolean; reasons: Set<string> }>();
  /** How often one life told a loss, at most: two of the same are two. */
  readonly #told = new Map<string, number>();
  readonly #toldInLife = new Map<string, number>();
  readonly reports: string[] = [];
  /** Each time that a flow log says something else. */
  states: readonly FlowLogState[] = [];
  onStates: (states: readonly FlowLogState[]) => void = () => undefined;
  nextWindow: number;
  nextFlow = 1;

  constructor(firstWindow: number) {
    this.nextWindow = firstWindow;
  }

  note(told: Told, life: number): void {
    switch (told.type) {
      case 'feeding':
        for (const [interfaceIndex, flow] of told.flows) {
          this.fed.set(flow, { interfaceIndex, window: told.window });
          this.nextFlow = Math.max(this.nextFlow, flow + 1);
        }
        this.nextWindow = Math.max(this.nextWindow, told.window + 1);
        return;
      case 'sealed':
        this.sealed.add(told.window);
        return;
      case 'losses':
        this.#noteLosses(told.losses, life);
        return;
      case 'state':
        this.states = told.states;
        this.onStates(told.states);
        return;
      case 'report':
        this.reports.push(`${life}: ${told.line}`);
        return;
      default:
    }
  }

  /** Each process tells what its predecessors have told as well, if it is still kept: that counts once. */
  #noteLosses(losses: Extract<Told, { type: 'losses' }>['losses'], life: number): void {
    for (const { interfaceId, window, reason, flows, isUnknown } of losses) {
      const key = `${interfaceId} ${window}`;
      const one = this.losses.get(key) ?? { flows: 0, isUnknown: false, reasons: new Set() };
      this.losses.set(key, one);
      one.isUnknown ||= isUnknown ?? false;
      one.reasons.add(reason);
      const told = `${key} ${reason} ${flows}`;
      const inLife = (this.#toldInLife.get(`${life} ${told}`) ?? 0) + 1;
      this.#toldInLife.set(`${life} ${told}`, inLife);
      if (inLife <= (this.#told.get(told) ?? 0)) continue;
      this.#told.set(told, inLife);
      one.flows += flows;
    }
  }
}

/** One life of the delivery process. */
export class DeliveryLife {
  readonly ready: Promise<void>;
  /** How it came to its end. */
  readonly ended: Promise<string>;
  stderr = '';
  isDrained = false;
  #isReady = false;
  readonly #child: ChildProcess;

  constructor(options: LifeOptions, diary: Diary, number: number) {
    const child = spawn(process.execPath, [program, JSON.stringify(options)], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child = child;
    child.stdin.on('error', () => undefined);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.ended = new Promise((resolve) => {
      child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    this.ready = new Promise((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        const told: Told = JSON.parse(line);
        diary.note(told, number);
        if (told.type === 'drained') this.isDrained = true;
        if (told.type !== 'ready') return;
        this.#isReady = true;
        resolve();
      });
      this.ended.then((how) => {
        if (!this.#isReady) reject(new Error(`it could not begin (${how}): ${this.stderr.slice(0, 2000)}`));
      }, reject);
    });
    this.ready.catch(() => undefined);
  }

  kill(): Promise<string> {
    this.#child.kill('SIGKILL');
    return this.ended;
  }

  /** It feeds no more flows, delivers what there is, and ends. */
  finish(): void {
    this.#child.stdin?.write('finish\n');
  }
}
