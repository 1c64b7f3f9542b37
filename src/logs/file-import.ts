import { type LogFormat, type RecordBatch, recordColumns, sliceRows } from '../record/index.ts';
import type { Change, RowBatch } from '../store/index.ts';
import { type ImportDocument, type LogGroup, ownedKey } from './catalog.ts';
import type { Engine } from './engine.ts';
import { errors } from './errors.ts';
import { type LineFormat, recordTimes, type SortedLines, sortLines } from './event-rows.ts';
import { madeGroup, madeStream, moveCreationBack } from './ingest.ts';
import type { FileImport, ImportRequest, ImportSums } from './ingest-shapes.ts';
import { eventTime } from './moments.ts';
import { checkGroupName, checkStreamName } from './names.ts';
import { keep, lineFormatOf } from './put-log-events.ts';

/** Files that are being read into a group, of all imports of an engine: `group/sha256`. */
export type ImportsUnderWay = Set<string>;

/** undefined when the ledger has the whole file in this group already. */
export async function beginImport(
  engine: Engine,
  underWay: ImportsUnderWay,
  request: ImportRequest,
): Promise<FileImport | undefined> {
  // Before the catalog changes: what is refused, or there already, leaves nothing behind.
  checkGroupName(request.logGroupName);
  checkStreamName(request.logStreamName);
  const sha256 = request.sha256.toLowerCase();
  const there = engine.catalog.group(engine, request.logGroupName);
  const known = there && engine.catalog.imports.get(ownedKey(there, sha256));
  if (known?.isWhole) return undefined;
  if (there && underWay.has(ownedKey(there, sha256))) throw errors.importUnderWay(request.fileName);
  const documents: Change[] = [];
  const group = there ?? madeGroup(engine, request.logGroupName, documents);
  // What was begun in another stream goes on there, so that the file is in one.
  const stream = known?.stream ?? madeStream(engine, group, request.logStreamName, documents);
  const key = ownedKey(group, sha256);
  underWay.add(key);
  try {
    if (documents.length > 0) await engine.catalog.commit({ documents });
  } catch (error) {
    underWay.delete(key);
    throw error;
  }
  return new LedgerImport(engine, underWay, { request, group, stream, key, known });
}

interface Destination {
  readonly request: ImportRequest;
  readonly group: LogGroup;
  readonly stream: number;
  readonly key: string;
  readonly known: ImportDocument | undefined;
}

type ImportedEvents = Parameters<FileImport['addEvents']>[0];

class LedgerImport implements FileImport {
  readonly #engine: Engine;
  readonly #underWay: ImportsUnderWay;
  readonly #to: Destination;
  readonly #done: number;
  /** Items that were given so far, those passed over included. */
  #given = 0;
  #added = 0;
  #records = 0;
  #textRecords = 0;
  #plain = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(engine: Engine, underWay: ImportsUnderWay, to: Destination) {
    this.#engine = engine;
    this.#underWay = underWay;
    this.#to = to;
    this.#done = to.known?.items ?? 0;
  }

  addLines(lines: readonly string[]): Promise<void> {
    return this.#inTurn(() => this.#addLines(lines));
  }

  addEvents(events: ImportedEvents): Promise<void> {
    return this.#inTurn(() => this.#addEvents(events));
  }

  addRecords(batch: RecordBatch): Promise<void> {
    return this.#inTurn(() => this.#addRecords(batch));
  }

  finish(): Promise<ImportSums> {
    return this.#inTurn(() => this.#finish());
  }

  abandon(): void {
    this.#underWay.delete(this.#to.key);
  }

  /**
   * One after the other. After one that failed nothing more is taken: the ledger counts from the file's beginning, and
   * would count what is not there.
   */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done;
    done.catch(() => undefined);
    return done;
  }

  async #addLines(lines: readonly string[]): Promise<void> {
    const rest = lines.slice(this.#passOver(lines.length));
    if (rest.length === 0) return;
    this.#checkDestination();
    const documents: Change[] = [];
    const sorted = sortLines(this.#arrival(), this.#lineFormat(documents), rest);
    await this.#keep(documents, sorted, rest.length);
  }

  async #addEvents(events: ImportedEvents): Promise<void> {
    const rest = events.slice(this.#passOver(events.length));
    if (rest.length === 0) return;
    this.#checkDestination();
    const documents: Change[] = [];
    const arrival = this.#arrival();
    const times = Float64Array.from(rest, ({ timestamp }) => eventTime(timestamp, arrival.ingestionMs));
    const messages = rest.map(({ message }) => message);
    const sorted = sortLines(arrival, this.#lineFormat(documents), messages, times);
    await this.#keep(documents, sorted, rest.length);
  }

  async #addRecords(batch: RecordBatch): Promise<void> {
    const from = this.#passOver(batch.length);
    const length = batch.length - from;
    if (length === 0) return;
    this.#checkDestination();
    const documents: Change[] = [];
    const arrival = this.#arrival();
    const columns = sliceRows(recordColumns(batch), from, batch.length);
    const rows: RowBatch = {
      kind: 'records',
      ...arrival,
      format: this.#engine.catalog.formatNumber(batch.format, documents),
      timestampsMs: recordTimes(batch.format, columns, length, arrival.ingestionMs),
      columns,
    };
    await this.#keep(documents, { batches: [rows], records: length, textRecords: 0, plain: 0 }, length);
  }

  async #finish(): Promise<ImportSums> {
    this.#checkDestination();
    await this.#engine.catalog.commit({ documents: [this.#ledgerChange(true)] });
    this.abandon();
    return {
      added: this.#added,
      skipped: this.#given - this.#added,
      records: this.#records,
      textRecords: this.#textRecords,
      plain: this.#plain,
    };
  }

  /** How many of so many items an earlier import has added. */
  #passOver(length: number): number {
    const passed = Math.min(length, Math.max(0, this.#done - this.#given));
    this.#given += length;
    return passed;
  }

  #arrival() {
    const { group, stream } = this.#to;
    return { group: group.number, stream, ingestionMs: this.#engine.clock() };
  }

  #lineFormat(documents: Change[]): LineFormat {
    const { group, request } = this.#to;
    if (!request.format) return lineFormatOf(this.#engine, group, documents);
    return saidFormat(this.#engine, request.format, documents);
  }

  /** To be asked before the catalog changes. */
  #checkDestination(): void {
    const { group, stream } = this.#to;
    if (!this.#engine.catalog.groupByNumber(group.number)) throw errors.groupMissing();
    if (!this.#engine.catalog.streamByNumber(stream)) throw errors.streamMissing();
  }

  /** Rows and the ledger's entry in one commit. */
  async #keep(documents: Change[], sorted: SortedLines, items: number): Promise<void> {
    moveCreationBack(this.#engine, this.#to.group, sorted.batches, documents);
    documents.push(this.#ledgerChange(false));
    await keep(this.#engine, documents, sorted.batches);
    this.#added += items;
    this.#records += sorted.records;
    this.#textRecords += sorted.textRecords;
    this.#plain += sorted.plain;
  }

  #ledgerChange(isWhole: boolean): Change {
    const { key, request, stream } = this.#to;
    return this.#engine.catalog.imports.put(key, {
      fileName: request.fileName,
      stream,
      items: Math.max(this.#given, this.#done),
      isWhole,
      updateTime: this.#engine.clock(),
    });
  }
}

function saidFormat({ catalog }: Engine, format: LogFormat, documents: Change[]): LineFormat {
  return { format, number: catalog.formatNumber(format, documents), isSaid: true };
}
