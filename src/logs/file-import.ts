import { type LogFormat, type RecordBatch, recordColumns, sliceRows } from '../record/index.ts';
import type { Change, RowBatch } from '../store/index.ts';
import { type ImportDocument, type LogGroup, ownedKey } from './catalog.ts';
import type { Engine } from './engine.ts';
import { errors } from './errors.ts';
import { type LineFormat, recordTimes, type SortedLines, sortLines } from './event-rows.ts';
import { madeGroup, madeStream, moveCreationBack } from './ingest.ts';
import type { FileImport, ImportRequest, ImportSums } from './ingest-shapes.ts';
import { keep, lineFormatOf } from './put-log-events.ts';

/** Files that are being read into a group, of all imports of an engine: `group/sha256`. */
export type ImportsUnderWay = Set<string>;

/** undefined when the ledger has the whole file in this group already. */
export async function beginImport(
  engine: Engine,
  underWay: ImportsUnderWay,
  request: ImportRequest,
): Promise<FileImport | undefined> {
  const documents: Change[] = [];
  const group = madeGroup(engine, request.logGroupName, documents);
  const stream = madeStream(engine, group, request.logStreamName, documents);
  const key = ownedKey(group, request.sha256.toLowerCase());
  const known = engine.catalog.imports.get(key);
  if (known?.isWhole) return undefined;
  if (underWay.has(key)) throw errors.importUnderWay(request.fileName);
  underWay.add(key);
  try {
    if (documents.length > 0) await engine.catalog.commit({ documents });
  } catch (error) {
    underWay.delete(key);
    throw error;
  }
  // What was begun in another stream goes on there, so that the file is in one.
  return new LedgerImport(engine, underWay, { request, group, stream: known?.stream ?? stream, key, known });
}

interface Destination {
  readonly request: ImportRequest;
  readonly group: LogGroup;
  readonly stream: number;
  readonly key: string;
  readonly known: ImportDocument | undefined;
}

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

  constructor(engine: Engine, underWay: ImportsUnderWay, to: Destination) {
    this.#engine = engine;
    this.#underWay = underWay;
    this.#to = to;
    this.#done = to.known?.items ?? 0;
  }

  async addLines(lines: readonly string[]): Promise<void> {
    const rest = lines.slice(this.#passOver(lines.length));
    const documents: Change[] = [];
    const sorted = sortLines(this.#arrival(), this.#lineFormat(documents), rest);
    await this.#keep(documents, sorted, rest.length);
  }

  async addEvents(
    events: readonly { readonly timestamp: number; readonly message: string }[],
  ): Promise<void> {
    const rest = events.slice(this.#passOver(events.length));
    const documents: Change[] = [];
    const times = Float64Array.from(rest, ({ timestamp }) => timestamp);
    const messages = rest.map(({ message }) => message);
    const sorted = sortLines(this.#arrival(), this.#lineFormat(documents), messages, times);
    await this.#keep(documents, sorted, rest.length);
  }

  async addRecords(batch: RecordBatch): Promise<void> {
    const from = this.#passOver(batch.length);
    const length = batch.length - from;
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

  async finish(): Promise<ImportSums> {
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

  abandon(): void {
    this.#underWay.delete(this.#to.key);
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

  /** Rows and the ledger's entry in one commit. */
  async #keep(documents: Change[], sorted: SortedLines, items: number): Promise<void> {
    if (items === 0) return;
    const { group } = this.#to;
    if (!this.#engine.catalog.groupByNumber(group.number)) throw errors.groupMissing();
    if (!this.#engine.catalog.streamByNumber(this.#to.stream)) throw errors.streamMissing();
    moveCreationBack(this.#engine, group, sorted.batches, documents);
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
