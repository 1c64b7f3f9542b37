import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { delivered, type FlowLogState, type LifeOptions, type Outside } from './delivered.ts';
import { DeliveryLife, Diary } from './delivery-life.ts';
import { type Fault, FaultProxy } from './fault-proxy.ts';
import type { OutsideServer } from './outside.ts';
import type { Recorded } from './recorded.ts';
import { kinds, randomOf, type Schedule, type Step } from './schedule.ts';
import { type Verdict, verdictOf } from './verdict.ts';
import { WholeObjects } from './whole-objects.ts';

/** What DescribeFlowLogs says while a fault hits every request; undefined: nothing fails. */
const messages: Record<Fault, string | undefined> = {
  refuse: 'Unknown error',
  hang: 'Unknown error',
  'cut-request': 'Unknown error',
  'cut-answer': 'Unknown error',
  'lost-answer': 'Unknown error',
  'error-500': 'Unknown error',
  'taken-500': 'Unknown error',
  'slow-down': 'Rate limited',
  denied: 'Access error',
  skew: 'Access error',
  slow: undefined,
};
/** Two intervals of ten minutes, and a bit; where a busy machine makes windows slowly, so long all the same. */
const failsWithinWindows = 25;
const failsWithinMs = { least: 15_000, most: 60_000 };
const drainsWithinMs = 120_000;
const diskBytes = 96 * 2 ** 20;

export interface Played {
  readonly schedule: Schedule;
  readonly verdicts: readonly Verdict[];
  readonly wrong: readonly string[];
  readonly kills: number;
  readonly hits: number;
  readonly objects: number;
  readonly reports: readonly string[];
  readonly seconds: number;
}

/** Plays a schedule in a folder of its own, which is gone afterwards. */
export async function play(schedule: Schedule, outside: OutsideServer, folder: string): Promise<Played> {
  const disk = path.join(folder, 'disk');
  mkdirSync(disk, { recursive: true });
  const isMounted = schedule.limitedDisk !== 'none';
  if (isMounted) mount(disk, schedule.limitedDisk === 'all' ? diskBytes : diskBytes / 12);
  const game = await Game.begin(schedule, outside, folder);
  try {
    return await game.play();
  } finally {
    await game.end();
    if (isMounted) spawnSync('umount', ['-l', disk]);
    rmSync(folder, { recursive: true, force: true });
  }
}

function mount(folder: string, bytes: number): void {
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder]);
  if (status !== 0) throw new Error(`no disk of ${bytes} bytes: ${stderr}`);
}

class Game {
  readonly #schedule: Schedule;
  readonly #outside: OutsideServer;
  readonly #folder: string;
  readonly #proxies: Readonly<Record<Outside, FaultProxy>>;
  readonly #diary: Diary;
  readonly #wrong: string[] = [];
  readonly #whole: WholeObjects;
  #life!: DeliveryLife;
  #lives = 0;
  #isLocalTrouble = false;

  private constructor(
    schedule: Schedule,
    outside: OutsideServer,
    folder: string,
    proxies: Readonly<Record<Outside, FaultProxy>>,
  ) {
    this.#schedule = schedule;
    this.#outside = outside;
    this.#folder = folder;
    this.#proxies = proxies;
    // A whole number of ten minutes, a day ago: what is too old, or of the future, is for other tests.
    this.#diary = new Diary(Math.floor(Date.now() / 600_000) * 10 - 1440);
    this.#whole = new WholeObjects(outside, schedule.seed, this.#dataFolder);
    this.#diary.onStates = (states) => this.#checkLocal(states);
  }

  static async begin(schedule: Schedule, outside: OutsideServer, folder: string): Promise<Game> {
    const random = randomOf(schedule.seed + 1);
    const [bucket, group, stream] = await Promise.all(
      kinds.map(() => FaultProxy.listen(outside.url, random)),
    );
    await outside.make(schedule.seed);
    return new Game(schedule, outside, folder, { bucket, group, stream });
  }

  async play(): Promise<Played> {
    const beganMs = performance.now();
    try {
      await this.#start();
      for (const step of this.#schedule.steps) await this.#step(step);
      await this.#drain();
    } catch (error) {
      this.#wrong.push(String((error as Error).message));
    }
    const verdicts = this.#wrong.length === 0 ? await this.#verdicts() : [];
    const objects = await this.#whole.end();
    this.#wrong.push(...this.#whole.broken);
    return {
      schedule: this.#schedule,
      verdicts,
      wrong: this.#wrong,
      kills: this.#lives - 1,
      hits: kinds.reduce((sum, kind) => sum + this.#proxies[kind].hits, 0),
      objects,
      reports: this.#diary.reports,
      seconds: (performance.now() - beganMs) / 1000,
    };
  }

  async end(): Promise<void> {
    await this.#life?.kill();
    await this.#whole.end();
    await Promise.all(kinds.map((kind) => this.#proxies[kind].close()));
  }

  get #dataFolder(): string {
    return path.join(this.#folder, this.#schedule.limitedDisk === 'all' ? 'disk' : '.', 'data');
  }

  get #resultFile(): string {
    return path.join(this.#folder, 'result.json');
  }

  async #start(): Promise<void> {
    const { seed, spoolBytes, mostFlows, paceMs, limitedDisk } = this.#schedule;
    const { bucket, group, stream } = this.#proxies;
    const options: LifeOptions = {
      seed,
      folder: this.#dataFolder,
      spoolFolder: path.join(this.#folder, limitedDisk === 'none' ? '.' : 'disk', 'spool'),
      spoolBytes,
      endpoints: { bucket: bucket.url, group: group.url, stream: stream.url },
      firstWindow: this.#diary.nextWindow,
      firstFlow: this.#diary.nextFlow,
      mostFlows,
      paceMs,
      resultFile: this.#resultFile,
    };
    const life = new DeliveryLife(options, this.#diary, ++this.#lives);
    this.#life = life;
    await life.ready;
    life.ended.then((how) => {
      if (how !== 'SIGKILL' && !life.isDrained)
        this.#wrong.push(`the process ended by itself (${how}): ${life.stderr.slice(0, 3000)}`);
    });
  }

  async #step(step: Step): Promise<void> {
    for (const kind of kinds) await this.#proxies[kind].set(step.faults[kind], step.share);
    if (step.isDiskFull) this.#fillDisk();
    if (step.killedAtMs === undefined) await sleep(step.ms);
    else {
      await sleep(step.killedAtMs);
      await this.#life.kill();
      // Where the disk is full nobody begins.
      if (step.isDiskFull) this.#emptyDisk();
      await this.#start();
      await sleep(step.ms - step.killedAtMs);
    }
    if (step.share === 1 && !step.isDiskFull) await this.#checkFailing(step);
    this.#emptyDisk();
    for (const kind of kinds) await this.#proxies[kind].set(undefined);
  }

  async #drain(): Promise<void> {
    this.#life.finish();
    const ended = await Promise.race([this.#life.ended, sleep(drainsWithinMs, undefined, { ref: false })]);
    if (ended !== undefined) return;
    const waiting = this.#diary.states.filter(({ waiting, segments, held }) => waiting + segments + held > 0);
    throw new Error(`it is not delivered after ${drainsWithinMs} ms: ${JSON.stringify(waiting)}`);
  }

  /** Flow logs whose every request fails say so, and why. */
  async #checkFailing({ faults }: Step): Promise<void> {
    const beganMs = performance.now();
    const firstWindow = this.#diary.nextWindow;
    const isLate = (): boolean => {
      const tookMs = performance.now() - beganMs;
      const windows = this.#diary.nextWindow - firstWindow;
      return tookMs > (windows > failsWithinWindows ? failsWithinMs.least : failsWithinMs.most);
    };
    for (const one of delivered.filter(({ isOutside }) => isOutside)) {
      const fault = faults[one.kind];
      const message = fault && messages[fault];
      if (message === undefined) continue;
      const isSaid = () =>
        this.#diary.states.some(
          ({ name, status, message: said }) => name === one.name && status === 'FAILED' && said === message,
        );
      while (!isSaid() && !isLate() && this.#wrong.length === 0) await sleep(20);
      const state = this.#diary.states.find(({ name }) => name === one.name);
      if (!isSaid()) this.#wrong.push(`while ${fault} hits ${one.name} it says ${JSON.stringify(state)}`);
    }
  }

  /** What is wrong outside is nothing to the others. */
  #checkLocal(states: readonly FlowLogState[]): void {
    if (this.#isLocalTrouble) return;
    for (const { name, status, detail } of states) {
      if (status === 'FAILED' && name.startsWith('local')) this.#wrong.push(`${name} fails: ${detail}`);
    }
  }

  #fillDisk(): void {
    this.#isLocalTrouble = true;
    const disk = path.join(this.#folder, 'disk');
    const { bavail, bsize } = statfsSync(disk);
    try {
      writeFileSync(path.join(disk, 'ballast'), new Uint8Array(bavail * bsize));
    } catch (error) {
      // Somebody was faster: so it is full.
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }

  #emptyDisk(): void {
    rmSync(path.join(this.#folder, 'disk', 'ballast'), { force: true });
  }

  async #verdicts(): Promise<Verdict[]> {
    const { states, records } = JSON.parse(readFileSync(this.#resultFile, 'utf8')) as {
      readonly states: readonly FlowLogState[];
      readonly records: Readonly<Record<string, readonly Recorded[]>>;
    };
    const verdicts: Verdict[] = [];
    for (const one of delivered) {
      const state = states.find(({ name }) => name === one.name);
      const verdict = async () =>
        verdictOf(
          one,
          this.#diary,
          one.isOutside ? await this.#outside.records(this.#schedule.seed, one) : (records[one.name] ?? []),
          state,
        );
      let last = await verdict();
      // A stream outside has what it took in its buffers for a moment.
      for (let lap = 0; one.isOutside && one.kind === 'stream' && last.wrong.length > 0 && lap < 20; lap++) {
        await sleep(250);
        last = await verdict();
      }
      verdicts.push(last);
    }
    return verdicts;
  }
}
