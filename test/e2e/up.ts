import { setTimeout } from 'node:timers/promises';
import { expect } from 'vitest';
import type { ServiceStatus } from '../../src/command/administration/questions.ts';
import { headgate, type Running, start } from './headgate.ts';

/** `headgate up` on a free port, and what its clients need. */
export class Up {
  readonly folder: string;
  readonly running: Running;
  readonly clients: {
    region: string;
    endpoint: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
  };

  private constructor(folder: string, running: Running, env: string) {
    this.folder = folder;
    this.running = running;
    const value = (name: string): string => new RegExp(`^export ${name}=(.*)$`, 'm').exec(env)?.[1] ?? '';
    this.clients = {
      region: value('AWS_REGION'),
      endpoint: value('AWS_ENDPOINT_URL'),
      credentials: {
        accessKeyId: value('AWS_ACCESS_KEY_ID'),
        secretAccessKey: value('AWS_SECRET_ACCESS_KEY'),
      },
    };
  }

  static async start(folder: string, args: readonly string[]): Promise<Up> {
    const running = start(folder, ['up', '--listen', '127.0.0.1:0', ...args]);
    await running.waitFor("AWS's API is at ");
    const env = await headgate(folder, ['env']);
    expect(env).toMatchObject({ code: 0 });
    return new Up(folder, running, env.stdout);
  }

  run(...args: string[]) {
    return headgate(this.folder, args);
  }

  async status(): Promise<ServiceStatus> {
    return JSON.parse((await this.run('status', '--output', 'json')).stdout).service;
  }

  /** Waits until all flow logs have delivered, and no stream has anything left to deliver. */
  async delivered(): Promise<void> {
    for (let tries = 0; tries < 200; tries++) {
      const { spool, flowLogs, streams } = await this.status();
      const isOver =
        spool.segments === 0 &&
        flowLogs.every(({ waiting, records }) => waiting === 0 && records > 0) &&
        streams.every(({ takenRecords, deliveredRecords }) => takenRecords === deliveredRecords);
      if (isOver) return;
      await setTimeout(100);
    }
    throw new Error((await this.run('status')).stdout);
  }

  async stop(): Promise<void> {
    this.running.child.kill('SIGTERM');
    const { code, stderr } = await this.running.ended;
    expect(stderr).not.toMatch(/ at .*\.js:/);
    expect(code).toBe(0);
  }
}
