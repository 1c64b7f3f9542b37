import { type IpAddress, type Prefix, parseAddress, parsePrefix, prefixContains } from '../ip/index.ts';
import { arnPattern, type PatternTest } from './arn-pattern.ts';
import { globTemplate, textTemplate } from './template.ts';

/** Makes the test of one value of a condition; `undefined` for a value that the operator cannot compare with. */
export type ConditionTest = (value: string, hasVariables: boolean) => PatternTest | undefined;

export const stringEquals: ConditionTest = (value, hasVariables) => {
  const template = textTemplate(value, hasVariables);
  return (text, variableOf) => {
    const expected = template.of(variableOf);
    return expected === undefined ? undefined : expected === text;
  };
};

export const stringEqualsIgnoringCase: ConditionTest = (value, hasVariables) => {
  const template = textTemplate(value, hasVariables);
  return (text, variableOf) => {
    const expected = template.of(variableOf);
    return expected === undefined ? undefined : expected.toLowerCase() === text.toLowerCase();
  };
};

export const stringLike: ConditionTest = (value, hasVariables) => {
  const template = globTemplate(value, hasVariables);
  return (text, variableOf) => template.of(variableOf)?.matches(text);
};

export const arnLike: ConditionTest = arnPattern;

/** `true` and `false` in any case; other values of the request match neither. */
export const bool: ConditionTest = (value, hasVariables) => stringEqualsIgnoringCase(value, hasVariables);

export function numeric(compare: (given: number, limit: number) => boolean): ConditionTest {
  return (value) => comparison(value, numberOf, compare);
}

/** Times of ISO 8601 or in seconds since 1970. */
export function date(compare: (givenMs: number, limitMs: number) => boolean): ConditionTest {
  return (value) => comparison(value, timeMs, compare);
}

function comparison(
  value: string,
  read: (text: string) => number | undefined,
  compare: (given: number, limit: number) => boolean,
): PatternTest | undefined {
  const limit = read(value);
  if (limit === undefined) return undefined;
  return (text) => {
    const given = read(text);
    return given !== undefined && compare(given, limit);
  };
}

function numberOf(text: string): number | undefined {
  return /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
}

/** The forms of W3C's note on date and time, and seconds since 1970. */
const isoTime = /^\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?)?)?$/i;

export function timeMs(text: string): number | undefined {
  if (/^\d{5,}(?:\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (!isoTime.test(text)) return undefined;
  const upper = text.toUpperCase();
  const hasTime = upper.includes('T');
  const ms = Date.parse(hasTime && !/(?:Z|[+-]\d\d:?\d\d)$/.test(upper) ? `${upper}Z` : upper);
  return Number.isNaN(ms) ? undefined : ms;
}

/** Compares bytes; both sides are base64. */
export const binaryEquals: ConditionTest = (value) => {
  const bytes = Buffer.from(value, 'base64');
  return (text) => bytes.equals(Buffer.from(text, 'base64'));
};

/** An address without a length is a prefix of one address. */
export const ipAddress: ConditionTest = (value) => {
  const prefix = prefixOf(value);
  if (!prefix) return undefined;
  return (text) => {
    const address = addressOf(text);
    return address !== undefined && prefixContains(prefix, address.family, ...address.words);
  };
};

function prefixOf(value: string): Prefix | undefined {
  const address = parseAddress(value);
  return address ? { ...address, length: address.family === 4 ? 32 : 128 } : parsePrefix(value);
}

/** What a socket of both families tells of an IPv4 peer, `::ffff:192.0.2.1`, is that peer. */
function addressOf(text: string): IpAddress | undefined {
  return parseAddress(/^::ffff:[\d.]+$/i.test(text) ? text.slice('::ffff:'.length) : text);
}
