import { memoryBounds } from '../../config/index.ts';
import { type Logs, PlacedLogs } from '../../logs/index.ts';
import { queryMacros } from '../../query/index.ts';
import { Store } from '../../store/index.ts';
import type { Identity } from '../../vpc/index.ts';
import type { Administration } from '../administration/administration.ts';
import type { Question, Questions } from '../administration/questions.ts';
import type { AccessStatus, GroupOverview, Holder, LogsAccess, StreamOverview } from './logs-access.ts';
import { storeFolder } from './store-folder.ts';

export interface OpenOptions {
  readonly dataDirectory: string;
  readonly identity: Identity;
  /** As the user would say it: `headgate capture`. */
  readonly command: string;
  /** Told, in a sentence each, what was lost or could not be done. */
  readonly report: (sentence: string) => void;
}

/** How often events are looked for that their groups keep no longer. */
const expireMs = 60_000;

/** The store of a data folder, open in this process. */
export class OpenLogs implements LogsAccess {
  readonly isOpenHere = true;
  /** Of the home account and Region. */
  readonly logs: Logs;
  readonly placedLogs: PlacedLogs;
  readonly store: Store;
  readonly holder: Holder;
  readonly #options: OpenOptions;
  readonly #expiry: NodeJS.Timeout;
  #administration: Promise<Administration> | undefined;

  private constructor(store: Store, placedLogs: PlacedLogs, options: OpenOptions) {
    const { command, report } = options;
    this.store = store;
    this.placedLogs = placedLogs;
    const logs = placedLogs.at(options.identity);
    this.logs = logs;
    this.holder = { pid: process.pid, sinceMs: Date.now(), command };
    this.#options = options;
    this.#expiry = setInterval(() => {
      logs.expire().catch((error: Error) => report(`expired events cannot be removed: ${error.message}`));
    }, expireMs).unref();
  }

  /** @throws ConfigError `StoreInUse` when another process has it open */
  static async open(options: OpenOptions): Promise<OpenLogs> {
    const store = await Store.open({
      memoryBytes: memoryBounds.storeBytes,
      processBytes: memoryBounds.processBytes,
      directory: storeFolder(options.dataDirectory),
      macros: queryMacros,
      report: options.report,
    });
    const logs = new PlacedLogs({ store, report: options.report });
    try {
      await logs.at(options.identity).begin();
    } catch (error) {
      await store.close();
      throw error;
    }
    return new OpenLogs(store, logs, options);
  }

  async groups(): Promise<GroupOverview[]> {
    const streams = this.#streamsByGroup();
    const overviews: GroupOverview[] = [];
    for (const [number, { name, creationTime, retentionInDays }] of this.#homeGroups()) {
      const { rows, bytes, diskBytes } = this.store.groupSummary(number);
      const known = streams.get(number) ?? [];
      const summaries = known.map(([stream]) => this.store.streamSummary(number, stream));
      overviews.push({
        name,
        creationTime,
        ...(retentionInDays === undefined ? {} : { retentionInDays }),
        streams: known.length,
        events: rows,
        bytes,
        diskBytes,
        ...span(summaries),
      });
    }
    return overviews.sort(byName);
  }

  async streams(group: string): Promise<StreamOverview[]> {
    // Of a group that is not there, AWS's sentence.
    this.logs.describeLogStreams({ logGroupName: group, limit: 1 });
    const [number] = [...this.#homeGroups()].find(([, { name }]) => name === group) ?? [];
    if (number === undefined) return [];
    const streams = this.#streamsByGroup().get(number) ?? [];
    return streams
      .map(([stream, name]) => {
        const { rows: events, ...summary } = this.store.streamSummary(number, stream);
        return { name, events, ...summary };
      })
      .sort(byName);
  }

  runQuery(...args: Parameters<LogsAccess['runQuery']>): ReturnType<LogsAccess['runQuery']> {
    return this.logs.runQuery(...args);
  }

  filterLogEvents(...args: Parameters<Logs['filterLogEvents']>): ReturnType<Logs['filterLogEvents']> {
    return this.logs.filterLogEvents(...args);
  }

  async tail(...args: Parameters<Logs['tail']>): Promise<ReturnType<Logs['tail']>> {
    return this.logs.tail(...args);
  }

  beginImport(...args: Parameters<Logs['beginImport']>): ReturnType<Logs['beginImport']> {
    return this.logs.beginImport(...args);
  }

  async status(): Promise<AccessStatus> {
    return this.statusNow;
  }

  get statusNow(): AccessStatus {
    return {
      ...this.store.status(),
      holder: this.holder,
      memoryBytes: process.memoryUsage.rss(),
      peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    };
  }

  async ask<Q extends Question>(question: Q, asked: Questions[Q]['asked']): Promise<Questions[Q]['answer']> {
    // Who does not serve the API has nothing to say of it, and opens nothing for that.
    if (question === 'service' && !this.#administration) return {};
    this.#administration ??= this.#openAdministration();
    return (await this.#administration).answer(question, asked);
  }

  /** By the process that has the resources in use. */
  administer(administration: Administration): void {
    this.#administration = Promise.resolve(administration);
  }

  /** Loaded for who asks only: most commands do not. */
  async #openAdministration(): Promise<Administration> {
    const { dataDirectory, identity: home } = this.#options;
    const administration = await import('../administration/administration.ts');
    return administration.openAdministration(this.store, dataDirectory, home);
  }

  async close(): Promise<void> {
    clearInterval(this.#expiry);
    await this.placedLogs.close();
    await this.store.close();
  }

  /** Numbers and names of streams by the number of their group. */
  #streamsByGroup(): Map<number, [number, string][]> {
    const byGroup = new Map<number, [number, string][]>();
    for (const [number, { group, name }] of this.#table<StreamDocument>('logStreams')) {
      const known = byGroup.get(group);
      if (known) known.push([number, name]);
      else byGroup.set(group, [[number, name]]);
    }
    return byGroup;
  }

  *#homeGroups(): Generator<[number, GroupDocument]> {
    const { accountId, region } = this.#options.identity;
    for (const [number, group] of this.#table<GroupDocument>('logGroups')) {
      if (group.accountId === accountId && group.region === region) yield [number, group];
    }
  }

  *#table<T>(name: string): Generator<[number, T]> {
    for (const [key, value] of this.store.documents.table<T>(name)) yield [Number(key), value];
  }
}

/** Of the documents of `logs`, what is shown here. */
interface GroupDocument {
  readonly name: string;
  readonly accountId: string;
  readonly region: string;
  readonly creationTime: number;
  readonly retentionInDays?: number;
}

interface StreamDocument {
  readonly group: number;
  readonly name: string;
}

const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);

function span(
  summaries: readonly { readonly firstEventMs?: number; readonly lastEventMs?: number }[],
): Pick<GroupOverview, 'firstEventMs' | 'lastEventMs'> {
  const firsts = summaries.flatMap(({ firstEventMs }) => firstEventMs ?? []);
  const lasts = summaries.flatMap(({ lastEventMs }) => lastEventMs ?? []);
  if (firsts.length === 0 || lasts.length === 0) return {};
  return {
    firstEventMs: firsts.reduce((a, b) => Math.min(a, b)),
    lastEventMs: lasts.reduce((a, b) => Math.max(a, b)),
  };
}
