import {
  arnLike,
  binaryEquals,
  bool,
  type ConditionTest,
  date,
  ipAddress,
  numeric,
  stringEquals,
  stringEqualsIgnoringCase,
  stringLike,
} from './condition-values.ts';

/** How a key's values in the request are compared with those of the policy. */
export interface ConditionOperator {
  readonly test: ConditionTest;
  /** True where `test` is not: `StringNotEquals`. */
  readonly isNegated: boolean;
  /** What may stand in the policy's values ("IAM policy elements: Variables"). */
  readonly hasVariables: boolean;
}

const same = (given: number, limit: number): boolean => given === limit;
const less = (given: number, limit: number): boolean => given < limit;
const atMost = (given: number, limit: number): boolean => given <= limit;
const more = (given: number, limit: number): boolean => given > limit;
const atLeast = (given: number, limit: number): boolean => given >= limit;

/** "JSON policy elements: Condition operators", but `Null`, which asks for no value. */
export const conditionOperators: ReadonlyMap<string, ConditionOperator> = new Map(
  Object.entries({
    StringEquals: { test: stringEquals, isNegated: false, hasVariables: true },
    StringNotEquals: { test: stringEquals, isNegated: true, hasVariables: true },
    StringEqualsIgnoreCase: { test: stringEqualsIgnoringCase, isNegated: false, hasVariables: true },
    StringNotEqualsIgnoreCase: { test: stringEqualsIgnoringCase, isNegated: true, hasVariables: true },
    StringLike: { test: stringLike, isNegated: false, hasVariables: true },
    StringNotLike: { test: stringLike, isNegated: true, hasVariables: true },
    NumericEquals: { test: numeric(same), isNegated: false, hasVariables: false },
    NumericNotEquals: { test: numeric(same), isNegated: true, hasVariables: false },
    NumericLessThan: { test: numeric(less), isNegated: false, hasVariables: false },
    NumericLessThanEquals: { test: numeric(atMost), isNegated: false, hasVariables: false },
    NumericGreaterThan: { test: numeric(more), isNegated: false, hasVariables: false },
    NumericGreaterThanEquals: { test: numeric(atLeast), isNegated: false, hasVariables: false },
    DateEquals: { test: date(same), isNegated: false, hasVariables: false },
    DateNotEquals: { test: date(same), isNegated: true, hasVariables: false },
    DateLessThan: { test: date(less), isNegated: false, hasVariables: false },
    DateLessThanEquals: { test: date(atMost), isNegated: false, hasVariables: false },
    DateGreaterThan: { test: date(more), isNegated: false, hasVariables: false },
    DateGreaterThanEquals: { test: date(atLeast), isNegated: false, hasVariables: false },
    Bool: { test: bool, isNegated: false, hasVariables: true },
    BinaryEquals: { test: binaryEquals, isNegated: false, hasVariables: false },
    IpAddress: { test: ipAddress, isNegated: false, hasVariables: false },
    NotIpAddress: { test: ipAddress, isNegated: true, hasVariables: false },
    ArnEquals: { test: arnLike, isNegated: false, hasVariables: true },
    ArnNotEquals: { test: arnLike, isNegated: true, hasVariables: true },
    ArnLike: { test: arnLike, isNegated: false, hasVariables: true },
    ArnNotLike: { test: arnLike, isNegated: true, hasVariables: true },
  }),
);
