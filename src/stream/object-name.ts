import { createHash } from 'node:crypto';
import { type ErrorOutputType, ObjectPrefixes, type Prefixes } from './prefix-expression.ts';
import { TimestampFormat } from './timestamp-format.ts';

export interface ObjectNameRequest {
  readonly prefixes: Prefixes;
  readonly timeZone?: string | undefined;
  readonly streamName: string;
  readonly versionId: string;
  /** Of the oldest record. */
  readonly arrivedMs: number;
  /** Everything that is random in the name follows from it: the same object gets the same name again. */
  readonly seed: string;
  /** `.gz`; empty for none. */
  readonly extension: string;
  readonly errorOutputType?: ErrorOutputType;
}

const suffixTime = new TimestampFormat('yyyy-MM-dd-HH-mm-ss');

/** `<evaluated prefix><stream>-<version>-<yyyy-MM-dd-HH-mm-ss>-<uuid><extension>` */
export function objectName(request: ObjectNameRequest): string {
  const { prefixes, timeZone, streamName, versionId, arrivedMs, seed, extension, errorOutputType } = request;
  const zone = timeZone === undefined || timeZone === '' ? 'UTC' : timeZone;
  let drawn = 0;
  const prefix = new ObjectPrefixes(prefixes).of({
    arrivedMs,
    timeZone: zone,
    ...(errorOutputType !== undefined && { errorOutputType }),
    randomString: () => seededUuid(`${seed} random-string ${drawn++}`).slice(0, 11),
  });
  return `${prefix}${streamName}-${versionId}-${suffixTime.at(arrivedMs, zone)}-${seededUuid(seed)}${extension}`;
}

/** A UUID that is a function of the seed. */
export function seededUuid(seed: string): string {
  const bytes = createHash('sha256').update(seed).digest().subarray(0, 16);
  bytes[6] = (bytes[6] & 0x0f) | 0x80;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
