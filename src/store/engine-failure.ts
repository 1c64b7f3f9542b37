import { QueryError, ServiceError } from '../fault/index.ts';
import { noMemory } from './query-guard.ts';

/** DuckDB's own words: what failed in it, and what everything else is told afterwards. */
const assertion = /^INTERNAL Error/;
const aftermath = /^FATAL Error|database has been invalidated/;
/** Of a sound query over rows that hold such a value. Not `Invalid Input`, which a damaged file is as well. */
const noValue = /^(?:Conversion|Out of Range) Error: /;
const outOfMemory = /^Out of Memory Error|failed to offload|max_temp_directory_size/;

/** Whether the whole database has ended with it. */
export function isFatal(error: unknown): boolean {
  const message = messageOf(error);
  return assertion.test(message) || aftermath.test(message);
}

/** Whether a statement failed for another's fault. */
export function isAftermath(error: unknown): boolean {
  return aftermath.test(messageOf(error));
}

/** What the user can be told of; other errors as they are. Where in its text a query is wrong is not known here. */
export function asUsersError(error: unknown): unknown {
  const message = messageOf(error);
  if (outOfMemory.test(message)) return noMemory();
  const [line] = message.split('\n', 1);
  if (noValue.test(line)) {
    const sentence = line.replace(noValue, 'the query meets a value that it cannot compute: ');
    return new QueryError(sentence, { start: 0, end: 0 });
  }
  if (!assertion.test(message)) return error;
  return new ServiceError('InternalFailure', `The query cannot be run: ${line}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
