import { ServiceError } from '../fault/index.ts';
import { TimestampFormat } from './timestamp-format.ts';

/** Why records are under the error prefix. */
export type ErrorOutputType = 'processing-failed' | 'decompression-failed' | 'http-endpoint-failed';

/** What expressions are evaluated with. */
export interface PrefixValues {
  /** Of the oldest record in the object. */
  readonly arrivedMs: number;
  /** `UTC`, `Asia/Tokyo` */
  readonly timeZone: string;
  readonly errorOutputType?: ErrorOutputType;
  /** 11 characters; another one each time. */
  readonly randomString: () => string;
}

/** A custom prefix and that of failed records, as the destination has them. */
export interface Prefixes {
  readonly Prefix?: string | undefined;
  readonly ErrorOutputPrefix?: string | undefined;
}

/** Characters of a prefix when it is evaluated. */
const longestPrefix = 512;
/** In UTF-8: of the 1024 that a key has, the names of the stream and the object and the longest extension take the rest. */
const mostPrefixBytes = 1024 - 264;
/** What is added to prefixes that have no time in them. */
const hourly = '!{timestamp:yyyy/MM/dd/HH/}';
const errorType = '!{firehose:error-output-type}';

type Evaluated = (values: PrefixValues) => string;

/**
 * The prefixes of a destination's objects: "Custom prefixes for Amazon S3 objects" of the Firehose developer guide.
 * Expressions are `!{timestamp:…}`, `!{firehose:random-string}` and, under errors, `!{firehose:error-output-type}`.
 */
export class ObjectPrefixes {
  readonly #prefix: Evaluated;
  readonly #errorPrefix: Evaluated;

  /** @throws ServiceError `InvalidArgumentException` */
  constructor({ Prefix = '', ErrorOutputPrefix = '' }: Prefixes) {
    if (ErrorOutputPrefix === '' && isExpression(Prefix)) {
      // AWS's own sentence, with its typo.
      throw new ServiceError(
        'InvalidArgumentException',
        'Ths supplied prefix(es) do not satisfy the following constraint: ErrorOutputPrefix cannot be null or empty when Prefix contains expressions',
      );
    }
    if (Prefix.includes(errorType)) throw refused('Prefix cannot contain !{firehose:error-output-type}');
    if (isExpression(ErrorOutputPrefix) && !ErrorOutputPrefix.includes(errorType)) {
      throw refused(
        'ErrorOutputPrefix must contain at least one instance of !{firehose:error-output-type} when it contains expressions',
      );
    }
    this.#prefix = evaluatorOf(Prefix.includes('!{timestamp:') ? Prefix : Prefix + hourly);
    const failed = ErrorOutputPrefix === '' ? Prefix : ErrorOutputPrefix;
    this.#errorPrefix = evaluatorOf(isExpression(failed) ? failed : `${failed}${errorType}/${hourly}`);
    this.#checkLengths();
  }

  of(values: PrefixValues): string {
    return values.errorOutputType === undefined ? this.#prefix(values) : this.#errorPrefix(values);
  }

  #checkLengths(): void {
    const values = {
      arrivedMs: Date.UTC(2029, 8, 26, 12),
      timeZone: 'UTC',
      randomString: () => '0123456789a',
    };
    const prefixes = [
      this.#prefix(values),
      this.#errorPrefix({ ...values, errorOutputType: 'decompression-failed' }),
    ];
    if (prefixes.some((prefix) => prefix.length > longestPrefix)) {
      throw refused(`Prefix and ErrorOutputPrefix cannot be longer than ${longestPrefix} characters`);
    }
    if (prefixes.some((prefix) => Buffer.byteLength(prefix) > mostPrefixBytes)) {
      throw refused(`Prefix and ErrorOutputPrefix cannot be longer than ${mostPrefixBytes} bytes in UTF-8`);
    }
  }
}

function isExpression(prefix: string): boolean {
  return prefix.includes('!{');
}

function refused(constraint: string): ServiceError {
  return new ServiceError(
    'InvalidArgumentException',
    `The supplied prefix(es) do not satisfy the following constraint: ${constraint}`,
  );
}

function evaluatorOf(prefix: string): Evaluated {
  const pieces: Evaluated[] = [];
  let at = 0;
  for (const match of prefix.matchAll(/!\{([^}]*)(\}?)/g)) {
    const literal = prefix.slice(at, match.index);
    pieces.push(() => literal);
    if (match[2] === '') throw refused('the sequence !{ can only appear in !{namespace:value} expressions');
    pieces.push(expressionOf(match[1]));
    at = match.index + match[0].length;
  }
  const end = prefix.slice(at);
  return (values) => pieces.map((piece) => piece(values)).join('') + end;
}

function expressionOf(expression: string): Evaluated {
  const colon = expression.indexOf(':');
  const namespace = expression.slice(0, Math.max(colon, 0));
  const value = expression.slice(colon + 1);
  if (namespace === 'timestamp' && value !== '') {
    const format = new TimestampFormat(value);
    return ({ arrivedMs, timeZone }) => format.at(arrivedMs, timeZone);
  }
  if (namespace === 'firehose' && value === 'random-string') return ({ randomString }) => randomString();
  if (namespace === 'firehose' && value === 'error-output-type') {
    return ({ errorOutputType = '' }) => errorOutputType;
  }
  if (/^partitionKeyFrom(Query|Lambda)$/.test(namespace)) {
    throw refused(
      `${namespace} can only be used when dynamic partitioning is enabled, which Headgate does not offer`,
    );
  }
  throw refused(`!{${expression}} is not a valid expression`);
}
