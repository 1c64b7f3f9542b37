import { Resources } from '../src/resource/index.ts';
import { OpenedLogs } from './open-logs.ts';

/** Resources over a store in a folder of its own, with its log groups, at a time that stands still. */
export class OpenedResources {
  readonly #opened: OpenedLogs;
  resources: Resources;

  private constructor(opened: OpenedLogs, resources: Resources) {
    this.#opened = opened;
    this.resources = resources;
  }

  static async open(place: { accountId: string; region: string }): Promise<OpenedResources> {
    const opened = await OpenedLogs.open(place);
    return new OpenedResources(opened, await Resources.open(opened.store));
  }

  get nowMs(): number {
    return this.#opened.nowMs;
  }

  get logs(): OpenedLogs['logs'] {
    return this.#opened.logs;
  }

  get store(): OpenedLogs['store'] {
    return this.#opened.store;
  }

  /** What a restart finds. */
  async reopen(): Promise<void> {
    await this.#opened.reopen();
    this.resources = await Resources.open(this.#opened.store);
  }

  close(): Promise<void> {
    return this.#opened.close();
  }
}
