import { invariant } from '../fault/index.ts';
import { type LogFormat, parseLogFormat } from '../record/log-format.ts';
import type { DocumentTables } from './document-tables.ts';
import type { Change } from './documents.ts';

/** Log formats by the number that the table `formats` gives them; numbers are never given again. */
export class Formats {
  readonly #formats = new Map<number, LogFormat>();

  constructor(documents: DocumentTables) {
    for (const [key, value] of documents.table<{ text: string }>('formats')) this.#add(key, value);
  }

  /** Rows of the same commit, and of those that follow before it is durable, may refer to them. */
  learn(changes: readonly Change[]): void {
    for (const change of changes) {
      if ('put' in change && change.put === 'formats')
        this.#add(change.key, change.value as { text: string });
    }
  }

  get(number: number): LogFormat {
    const format = this.#formats.get(number);
    invariant(format, `there is no log format ${number}`);
    return format;
  }

  #add(key: string, { text }: { text: string }): void {
    this.#formats.set(Number(key), parseLogFormat(text));
  }
}
