import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Logs, type LogsOptions } from '../src/logs/index.ts';
import { queryMacros } from '../src/query/index.ts';
import { Store } from '../src/store/index.ts';

/** 2026-03-01T12:00:00Z */
export const noonMs = Date.UTC(2026, 2, 1, 12);

/** CloudWatch Logs over a store in a folder of its own, at a time that stands still. */
export class OpenedLogs {
  readonly directory = mkdtempSync(path.join(tmpdir(), 'headgate-logs-'));
  readonly reports: string[] = [];
  readonly #options: Partial<LogsOptions>;
  nowMs = noonMs;
  store!: Store;
  logs!: Logs;

  private constructor(options: Partial<LogsOptions>) {
    this.#options = options;
  }

  static async open(options: Partial<LogsOptions> = {}): Promise<OpenedLogs> {
    const opened = new OpenedLogs(options);
    await opened.reopen();
    return opened;
  }

  /** What a restart finds. */
  async reopen(): Promise<void> {
    const clock = () => this.nowMs;
    const report = (sentence: string) => this.reports.push(sentence);
    await this.logs?.close();
    await this.store?.close();
    this.store = await Store.open({
      directory: path.join(this.directory, 'store'),
      macros: queryMacros,
      threads: 1,
      clock,
      report,
    });
    this.logs = new Logs({
      store: this.store,
      accountId: '123456789012',
      region: 'eu-central-1',
      clock,
      report,
      ...this.#options,
    });
  }

  async close(): Promise<void> {
    await this.logs.close();
    await this.store.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** The code and the sentence of what an operation answers instead of a result. */
export async function refusal(operation: () => unknown): Promise<string> {
  try {
    await operation();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'no error';
}
