import { randomUUID } from 'node:crypto';
import type { LifecycleRule } from '@aws-sdk/client-s3';
import type { Stored } from '../../resource/index.ts';
import { s3Errors } from './errors.ts';

/** As it comes: times are Dates. */
export type GivenRule = Readonly<LifecycleRule>;
type Filter = NonNullable<LifecycleRule['Filter']>;
type Expiration = NonNullable<LifecycleRule['Expiration']>;
type Transition = NonNullable<LifecycleRule['Transitions']>[number];

const maxRules = 1000;
const maxIdLength = 255;
const dayMs = 86_400_000;
/** Days that objects must have been in S3 Standard before they go there. */
const leastDays: Readonly<Record<string, number>> = { STANDARD_IA: 30, ONEZONE_IA: 30 };

/**
 * A bucket's lifecycle configuration, checked and as it is kept; rules without an ID get one.
 * @throws ServiceError `MalformedXML`, `InvalidArgument`, `InvalidRequest`
 */
export function lifecycleRules(rules: readonly GivenRule[]): Stored<LifecycleRule>[] {
  if (rules.length === 0 || rules.length > maxRules) throw s3Errors.malformedXml();
  const kept = rules.map((rule) => ({ ...rule, ID: rule.ID || randomUUID() }));
  for (const rule of kept) checkRule(rule);
  if (new Set(kept.map(({ ID }) => ID)).size < kept.length) {
    throw s3Errors.invalidArgument('Rule ID must be unique. Found same ID for more than one rule');
  }
  return JSON.parse(JSON.stringify(kept)) as Stored<LifecycleRule>[];
}

function checkRule(rule: GivenRule): void {
  const { ID = '', Status, Prefix, Filter, Expiration, Transitions = [] } = rule;
  if (ID.length > maxIdLength) {
    throw s3Errors.invalidArgument(`ID length should not exceed allowed limit of ${maxIdLength}`);
  }
  if (Status !== 'Enabled' && Status !== 'Disabled') throw s3Errors.malformedXml();
  if ((Prefix === undefined) === (Filter === undefined)) throw s3Errors.malformedXml();
  if (Filter) checkFilter(Filter);
  checkActions(rule);
  if (Expiration) checkExpiration(Expiration);
  for (const transition of Transitions) checkTransition(transition);
  checkOrder(rule);
}

/** One criterion; of more an And. */
function checkFilter({ And, Prefix, Tag, ObjectSizeGreaterThan, ObjectSizeLessThan }: Filter): void {
  const given = [And, Prefix, Tag, ObjectSizeGreaterThan, ObjectSizeLessThan];
  if (given.filter((each) => each !== undefined).length > 1) throw s3Errors.malformedXml();
  const keys = (And?.Tags ?? []).map(({ Key }) => Key);
  if (new Set(keys).size < keys.length) throw s3Errors.invalidRequest('Duplicate Tag Keys are not allowed.');
  const greater = And?.ObjectSizeGreaterThan;
  const less = And?.ObjectSizeLessThan;
  if (greater !== undefined && less !== undefined && greater >= less) {
    throw s3Errors.invalidRequest(
      "'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'.",
    );
  }
}

function checkActions(rule: GivenRule): void {
  const { Expiration, Transitions, NoncurrentVersionTransitions, NoncurrentVersionExpiration } = rule;
  const { AbortIncompleteMultipartUpload: abort, Filter } = rule;
  const hasAny =
    Expiration ??
    abort ??
    NoncurrentVersionExpiration ??
    Transitions?.[0] ??
    NoncurrentVersionTransitions?.[0];
  if (!hasAny) throw s3Errors.invalidRequest('At least one action needs to be specified in a rule');
  const hasTags = (Filter?.Tag ?? Filter?.And?.Tags?.[0]) !== undefined;
  if (abort && hasTags) {
    throw s3Errors.invalidRequest('AbortIncompleteMultipartUpload cannot be specified with Tags.');
  }
  if (Expiration?.ExpiredObjectDeleteMarker !== undefined && hasTags) {
    throw s3Errors.invalidRequest('ExpiredObjectDeleteMarker cannot be specified with Tags.');
  }
  if (abort && !isPositive(abort.DaysAfterInitiation)) {
    throw s3Errors.invalidArgument(
      "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be a positive integer",
    );
  }
  if (NoncurrentVersionExpiration && !isPositive(NoncurrentVersionExpiration.NoncurrentDays)) {
    throw s3Errors.invalidArgument(
      "'NoncurrentDays' for NoncurrentVersionExpiration action must be a positive integer",
    );
  }
}

function checkExpiration({ Days, Date: date, ExpiredObjectDeleteMarker }: Expiration): void {
  const given = [Days, date, ExpiredObjectDeleteMarker].filter((each) => each !== undefined);
  if (given.length !== 1) throw s3Errors.malformedXml();
  if (Days !== undefined && !isPositive(Days)) {
    throw s3Errors.invalidArgument("'Days' for Expiration action must be a positive integer");
  }
  checkMidnight(date);
}

function checkTransition({ Days, Date: date, StorageClass }: Transition): void {
  if (StorageClass === undefined || (Days === undefined) === (date === undefined))
    throw s3Errors.malformedXml();
  if (Days !== undefined && Days < 0) {
    throw s3Errors.invalidArgument("'Days' for Transition action must be nonnegative");
  }
  const least = leastDays[StorageClass] ?? 0;
  if (Days !== undefined && Days < least) {
    throw s3Errors.invalidArgument(
      `'Days' in Transition action must be greater than or equal to ${least} for storageClass '${StorageClass}'`,
    );
  }
  checkMidnight(date);
}

function checkMidnight(date: Date | undefined): void {
  if (date === undefined || date.getTime() % dayMs === 0) return;
  throw s3Errors.invalidArgument("'Date' must be at midnight GMT");
}

/** Each class once, and expiry after all of them. */
function checkOrder({ ID = '', Prefix, Filter, Expiration, Transitions = [] }: GivenRule): void {
  const classes = Transitions.map(({ StorageClass }) => StorageClass);
  if (new Set(classes).size < classes.length) {
    throw s3Errors.invalidRequest(
      `'StorageClass' must be different for 'Transition' actions in same 'Rule' with ID '${ID}'`,
    );
  }
  if (new Set(Transitions.map(({ Days }) => Days === undefined)).size > 1) {
    throw s3Errors.invalidRequest(
      "Found mixed 'Date' and 'Days' based Transition actions in lifecycle rule for filter " +
        `'${shownFilter(Prefix, Filter)}'`,
    );
  }
  const latest = Math.max(...Transitions.map(({ Days = -1 }) => Days), -1);
  if (Expiration?.Days !== undefined && Expiration.Days <= latest) {
    throw s3Errors.invalidArgument(
      `'Days' in the Expiration action for filter '${shownFilter(Prefix, Filter)}' must be greater than 'Days' in the Transition action`,
    );
  }
}

function shownFilter(prefix: string | undefined, filter: Filter | undefined): string {
  return `(prefix=${prefix ?? filter?.Prefix ?? filter?.And?.Prefix ?? ''})`;
}

function isPositive(days: number | undefined): boolean {
  return days !== undefined && days > 0;
}
