/** The syntax tree of Logs Insights QL. Every node knows the characters it was read from. */

/** UTF-16 offsets into the query's text; `end` is the one after the last. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

export interface Node {
  readonly range: Range;
}

/** `[source |] command | command …` */
export interface Query extends Node {
  readonly sources: readonly Source[];
  readonly commands: readonly Command[];
}

export type Source = Selection & {
  /** `START=` and `END=`, as the service and the console write them after what they select. */
  readonly start?: SourceTime;
  readonly end?: SourceTime;
};

type Selection =
  /** `SOURCE logGroups(namePrefix: [..], accountIdentifiers: [..], class: [..])` */
  | (Node & {
      readonly kind: 'logGroups';
      readonly namePrefixes: readonly string[];
      readonly accountIdentifiers: readonly string[];
      readonly classes: readonly string[];
    })
  /** `SOURCE logGroupTags([{"key": k, "values": [..]}])` */
  | (Node & {
      readonly kind: 'logGroupTags';
      readonly tags: readonly { readonly key: string; readonly values?: readonly string[] }[];
    })
  /** `SOURCE dataSource(['amazon_vpc.flow'])` */
  | (Node & { readonly kind: 'dataSource'; readonly names: readonly string[] })
  /** `SOURCE "group"` */
  | (Node & { readonly kind: 'logGroup'; readonly name: string });

/** Epoch milliseconds, or seconds relative to now (`-3600s`, `-1w`, `0s`). */
export type SourceTime = { readonly epochMs: number } | { readonly relativeSeconds: number };

/** An expression and the name it is given; without `as`, the column is named by `text`, the source as written. */
export interface Column extends Node {
  readonly expression: Expression;
  readonly alias?: Name;
  readonly text: string;
}

/** A name that the query gives or refers to, without backticks: `@user`, `foo-bar`. */
export interface Name extends Node {
  readonly name: string;
}

export type Command =
  | Fields
  | Display
  | Filter
  | FilterIndex
  | Stats
  | Sort
  | Limit
  | Dedup
  | Parse
  | Json
  | Pattern
  | Diff
  | Unnest
  | Expand
  | Lookup
  | CidrLookup
  | Join
  | AddTotals
  | AutoRegress
  | Accum
  | FillDown
  | FillMissing
  | Outlier
  | Sessionize
  | CountFrequent
  | AppendCols
  | Unmask
  | Unsupported;

export interface Fields extends Node {
  readonly kind: 'fields';
  readonly columns: readonly Column[];
}
export interface Display extends Node {
  readonly kind: 'display';
  readonly columns: readonly Column[];
}
export interface Filter extends Node {
  readonly kind: 'filter';
  readonly condition: Expression;
}
/** Only `=` and `in [..]`, joined by `and`. */
export interface FilterIndex extends Node {
  readonly kind: 'filterIndex';
  readonly condition: Expression;
}
export interface Stats extends Node {
  readonly kind: 'stats';
  readonly aggregates: readonly Column[];
  readonly by: readonly Column[];
  readonly offset?: Period;
}
export interface SortKey extends Node {
  readonly expression: Expression;
  /** `sort abs(x) as y`: the name is the grammar's; nothing may refer to it. */
  readonly alias?: Name;
  readonly descending: boolean;
}
export interface Sort extends Node {
  readonly kind: 'sort';
  readonly keys: readonly SortKey[];
}
/** `limit n`, `limit any n`, and the deprecated `head n` and `tail n`. */
export interface Limit extends Node {
  readonly kind: 'limit';
  readonly count: number;
  readonly any: boolean;
}
export interface Dedup extends Node {
  readonly kind: 'dedup';
  readonly fields: readonly Field[];
}
export interface Parse extends Node {
  readonly kind: 'parse';
  /** `@message` when absent. */
  readonly source?: Expression;
  readonly form:
    | (Node & { readonly kind: 'glob'; readonly pattern: string; readonly names: readonly Name[] })
    /** `names` for `/(\d+)/ as n`; named groups otherwise. */
    | (Node & {
        readonly kind: 'regex';
        readonly pattern: string;
        readonly names: readonly Name[];
        readonly multi: boolean;
      })
    | (Node & { readonly kind: 'logfmt'; readonly name: Name })
    | (Node & { readonly kind: 'csv'; readonly names: readonly Name[] })
    | (Node & { readonly kind: 'xml'; readonly path: string; readonly name: Name });
}
/** `json field=f "a.b" as x` */
export interface Json extends Node {
  readonly kind: 'json';
  readonly field?: Field;
  readonly path: string;
  readonly name: Name;
}
export interface Pattern extends Node {
  readonly kind: 'pattern';
  readonly field: Expression;
}
export interface Diff extends Node {
  readonly kind: 'diff';
  readonly against: 'previous' | 'previousDay' | 'previousWeek' | 'previousMonth';
}
export interface Unnest extends Node {
  readonly kind: 'unnest';
  readonly field: Expression;
  readonly name: Name;
}
export interface Expand extends Node {
  readonly kind: 'expand';
  readonly field: Field;
}
export interface Lookup extends Node {
  readonly kind: 'lookup';
  readonly table: Name;
  readonly keys: readonly { readonly column: Name; readonly field: Field }[];
  readonly output: readonly { readonly column: Name; readonly field: Name }[];
}
export interface CidrLookup extends Node {
  readonly kind: 'cidrlookup';
  readonly table: Name;
  readonly field: Field;
  /** The table's column of prefixes; without it, the column whose name is the field's, else the first. */
  readonly cidrColumn?: Name;
  readonly onlyNew: boolean;
  readonly output: readonly { readonly column: Name; readonly field: Name }[];
}
export interface Join extends Node {
  readonly kind: 'join';
  readonly type: 'inner' | 'left';
  readonly left: Name;
  readonly right: Name;
  /** Full names, with the `left.` and `right.` prefixes taken off. */
  readonly on: readonly { readonly left: Field; readonly right: Field }[];
  readonly source: Query;
}
export interface AddTotals extends Node {
  readonly kind: 'addtotals';
  readonly fieldName: string;
  readonly row: boolean;
  readonly column: boolean;
  readonly fields: readonly Field[];
}
export interface AutoRegress extends Node {
  readonly kind: 'autoregress';
  readonly field: Field;
  readonly alias?: Name;
  readonly from: number;
  readonly to: number;
}
export interface Accum extends Node {
  readonly kind: 'accum';
  readonly field: Field;
  readonly alias?: Name;
}
/** Names may hold `*` as a wildcard; none means all. */
export interface FillDown extends Node {
  readonly kind: 'filldown';
  readonly names: readonly Name[];
}
export interface FillMissing extends Node {
  readonly kind: 'fillmissing';
  readonly values: readonly { readonly value: Expression; readonly field: Field }[];
}
export interface Outlier extends Node {
  readonly kind: 'outlier';
  readonly action: 'remove' | 'transform';
  readonly factor: number;
  readonly lower: boolean;
  readonly mark: boolean;
  readonly fields: readonly Field[];
}
export interface Sessionize extends Node {
  readonly kind: 'sessionize';
  readonly fields: readonly Field[];
  readonly maxSpan?: Period;
  readonly alias?: Name;
}
export interface CountFrequent extends Node {
  readonly kind: 'countFrequent';
  readonly fields: readonly Field[];
}
export interface AppendCols extends Node {
  readonly kind: 'appendcols';
  readonly override: boolean;
  readonly max: number;
  readonly query: Query;
}
export interface Unmask extends Node {
  readonly kind: 'unmask';
  readonly columns: readonly Column[];
}
/** Known to AWS and not answered here: the compiler says so, at this range. */
export interface Unsupported extends Node {
  readonly kind: 'unsupported';
  readonly command: 'anomaly' | 'relevantfields' | 'logcompare';
}

export type Expression = Num | Str | Field | Period | Call | Unary | Binary | Like | In | InSubquery | Member;

/** A number as written, so that it prints as it was read. */
export interface Num extends Node {
  readonly kind: 'number';
  readonly value: number;
  readonly text: string;
}
export interface Str extends Node {
  readonly kind: 'string';
  readonly value: string;
}
/** A field by its whole name, dots included and backticks removed: `@message`, `foo-bar`, `requestParameters.name`. */
export interface Field extends Node {
  readonly kind: 'field';
  readonly name: string;
  /** The segments between dots; one backticked segment may itself hold dots. */
  readonly path: readonly string[];
}
/** `5m` as an argument of `bin` and its like. */
export interface Period extends Node {
  readonly kind: 'period';
  readonly count: number;
  readonly unit: PeriodUnit;
}
export type PeriodUnit = 'ms' | 's' | 'm' | 'h' | 'd' | 'w' | 'mo' | 'q' | 'y';
/** A function by its name as written; whether it exists is the compiler's to say. `count(*)` has `star`. */
export interface Call extends Node {
  readonly kind: 'call';
  readonly name: Name;
  readonly args: readonly (Expression | Regex)[];
  readonly star: boolean;
}
export interface Unary extends Node {
  readonly kind: 'unary';
  readonly operator: '-' | 'not';
  readonly operand: Expression;
}
export type Arithmetic = '+' | '-' | '*' | '/' | '%' | '^';
export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=';
export interface Binary extends Node {
  readonly kind: 'binary';
  readonly operator: Arithmetic | Comparison | 'and' | 'or';
  readonly left: Expression;
  readonly right: Expression;
}
/** `like`, `not like` and `=~` (which takes only a regex). */
export interface Like extends Node {
  readonly kind: 'like';
  readonly operator: 'like' | '=~';
  readonly negated: boolean;
  readonly operand: Expression;
  readonly pattern: Expression | Regex;
}
/** `/(?i)error/`: the text between the slashes, `\/` undone. */
export interface Regex extends Node {
  readonly kind: 'regex';
  readonly pattern: string;
}
export interface In extends Node {
  readonly kind: 'in';
  readonly negated: boolean;
  readonly operand: Expression;
  readonly list: readonly Expression[];
}
export interface InSubquery extends Node {
  readonly kind: 'inSubquery';
  readonly negated: boolean;
  readonly operand: Expression;
  readonly query: Query;
}
/** `list[1].action`, `jsonParse(x).startTime`: steps from a value that is no plain field name. */
export interface Member extends Node {
  readonly kind: 'member';
  readonly operand: Expression;
  readonly steps: readonly (string | number)[];
}
