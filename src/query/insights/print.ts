import { printName, printPath, printRegex, printString } from './print-name.ts';
import type {
  Arithmetic,
  Call,
  Column,
  Command,
  Comparison,
  Expression,
  Field,
  Join,
  Member,
  Name,
  Parse,
  Query,
  Regex,
  Source,
  SourceTime,
} from './tree.ts';

/**
 * The query on one line, in the spelling that AWS's samples have. Reading it gives the same tree, but for the ranges.
 * Columns are printed by their `text`, since that is what an unnamed one is called.
 */
export function printInsights(query: Query): string {
  const sources = query.sources.map((source) => `SOURCE ${printSource(source)}`);
  return [...sources, ...query.commands.map(printCommand)].join(' | ');
}

function printSource(source: Source): string {
  const start = source.start ? ` START=${printTime(source.start)}` : '';
  const end = source.end ? ` END=${printTime(source.end)}` : '';
  return `${printSelection(source)}${start}${end}`;
}

function printTime(time: SourceTime): string {
  if ('epochMs' in time) return String(time.epochMs);
  const seconds = time.relativeSeconds;
  return Number.isInteger(seconds) ? `${seconds}s` : `${Math.round(seconds * 1000)}ms`;
}

function printSelection(source: Source): string {
  switch (source.kind) {
    case 'logGroup':
      return printString(source.name);
    case 'dataSource':
      return `dataSource(${printStrings(source.names)})`;
    case 'logGroupTags': {
      const tags = source.tags.map(({ key, values }) => {
        const rest = values ? `, "values": ${printStrings(values)}` : '';
        return `{"key": ${printString(key)}${rest}}`;
      });
      return `logGroupTags([${tags.join(', ')}])`;
    }
    case 'logGroups': {
      const { namePrefixes, accountIdentifiers, classes } = source;
      const options = { namePrefix: namePrefixes, accountIdentifiers, class: classes };
      const given = Object.entries(options).filter(([, values]) => values.length > 0);
      return `logGroups(${given.map(([key, values]) => `${key}: ${printStrings(values)}`).join(', ')})`;
    }
  }
}

function printStrings(values: readonly string[]): string {
  return `[${values.map(printString).join(', ')}]`;
}

type Printers = { readonly [Kind in Command['kind']]: (command: Extract<Command, { kind: Kind }>) => string };

const printers: Printers = {
  fields: ({ columns }) => `fields ${list(columns, printColumn)}`,
  display: ({ columns }) => `display ${list(columns, printColumn)}`,
  unmask: ({ columns }) => `unmask ${list(columns, printColumn)}`,
  filter: ({ condition }) => `filter ${printExpression(condition)}`,
  filterIndex: ({ condition }) => `filterIndex ${printExpression(condition)}`,
  stats: ({ aggregates, by, offset }) => {
    const groups = by.length > 0 ? ` by ${list(by, printColumn)}` : '';
    return `stats ${list(aggregates, printColumn)}${groups}${offset ? ` offset ${printExpression(offset)}` : ''}`;
  },
  sort: ({ keys }) => {
    const print = (key: (typeof keys)[number]) =>
      `${printExpression(key.expression)}${printAlias(key.alias)} ${key.descending ? 'desc' : 'asc'}`;
    return `sort ${list(keys, print)}`;
  },
  limit: ({ any, count }) => `limit ${any ? 'any ' : ''}${count}`,
  dedup: ({ fields }) => `dedup ${list(fields, printField)}`,
  parse: ({ source, form }) => `parse ${source ? `${printOperand(source)} ` : ''}${printForm(form)}`,
  json: ({ field, path, name }) =>
    `json ${field ? `field=${printField(field)} ` : ''}${printString(path)} as ${printName(name.name)}`,
  pattern: ({ field }) => `pattern ${printExpression(field)}`,
  diff: ({ against }) => (against === 'previous' ? 'diff' : `diff ${against}`),
  unnest: ({ field, name }) => `unnest ${printExpression(field)} into ${printName(name.name)}`,
  expand: ({ field }) => `expand ${printField(field)}`,
  lookup: ({ table, keys, output }) => {
    const printed = list(keys, ({ column, field }) => printAs(printName(column.name), printField(field)));
    return `lookup ${printTable(table.name)} ${printed} OUTPUT ${list(output, printOutput)}`;
  },
  cidrlookup: ({ table, field, cidrColumn, onlyNew, output }) => {
    const key = `${printField(field)}${printAlias(cidrColumn)}`;
    const word = onlyNew ? 'OUTPUTNEW' : 'OUTPUT';
    return `cidrlookup ${printTable(table.name)} ${key} ${word} ${list(output, printOutput)}`;
  },
  join: printJoin,
  appendcols: ({ override, max, query }) =>
    `appendcols override=${override} max=${max} (${printInsights(query)})`,
  addtotals: ({ fieldName, row, column, fields }) =>
    `addtotals fieldname=${printString(fieldName)} row=${row} col=${column} ${list(fields, printField)}`.trimEnd(),
  autoregress: ({ field, alias, from, to }) => {
    const rows = from === to ? from : `${from}-${to}`;
    return `autoregress ${printField(field)}${printAlias(alias)} p=${rows}`;
  },
  accum: ({ field, alias }) => `accum ${printField(field)}${printAlias(alias)}`,
  filldown: ({ names }) => `filldown ${list(names, ({ name }) => printWildcard(name))}`.trimEnd(),
  fillmissing: ({ values }) => {
    const fillings = list(values, ({ value, field }) => `${printExpression(value)} for ${printField(field)}`);
    return values.length > 0 ? `fillmissing with ${fillings}` : 'fillmissing';
  },
  outlier: ({ action, factor, lower, mark, fields }) =>
    `outlier action=${action} param=${factor} uselower=${lower} mark=${mark} ${list(fields, printField)}`,
  sessionize: ({ fields, maxSpan, alias }) => {
    const span = maxSpan ? ` maxspan ${printExpression(maxSpan)}` : '';
    return `sessionize ${list(fields, printField)}${span}${printAlias(alias)}`;
  },
  countFrequent: ({ fields }) => `countFrequent ${list(fields, printField)}`,
  unsupported: ({ command }) => command,
};

function printCommand<Kind extends Command['kind']>(command: Extract<Command, { kind: Kind }>): string {
  const print = printers[command.kind as Kind] as (command: Extract<Command, { kind: Kind }>) => string;
  return print(command);
}

function list<T>(items: readonly T[], print: (item: T) => string): string {
  return items.map(print).join(', ');
}

function printForm(form: Parse['form']): string {
  const names = 'names' in form ? list(form.names, ({ name }) => printName(name)) : printName(form.name.name);
  switch (form.kind) {
    case 'glob':
      return `${printString(form.pattern)}${names === '' ? '' : ` as ${names}`}`;
    case 'regex':
      return `${printRegex(form.pattern)}${names === '' ? '' : ` as ${names}`}${form.multi ? ' multi' : ''}`;
    case 'logfmt':
      return `logfmt as ${names}`;
    case 'csv':
      return `csv as ${names}`;
    case 'xml':
      return `xml ${printString(form.path)} as ${names}`;
  }
}

function printJoin({ type, left, right, on, source }: Join): string {
  const pairs = on.map((pair) => {
    const ours = printPath([left.name, ...pair.left.path]);
    return `${ours} = ${printPath([right.name, ...pair.right.path])}`;
  });
  const sides = `left=${printPath([left.name])} right=${printPath([right.name])}`;
  return `join type=${type} ${sides} where ${pairs.join(' and ')} (${printInsights(source)})`;
}

function printOutput({ column, field }: { column: { name: string }; field: { name: string } }): string {
  return printAs(printName(column.name), printName(field.name));
}

function printAs(column: string, field: string): string {
  return column === field ? column : `${column} as ${field}`;
}

/** A table's name may come from a string, and then hold what no name can. */
function printTable(name: string): string {
  return name === '' || name.includes('`') ? printString(name) : printName(name);
}

/** `*` is a wildcard inside and outside of backticks. */
function printWildcard(name: string): string {
  const plain = /^(?:\*|\*?(?:@*[A-Za-z_]\w*(?:\.@*\w+)*)\*?)$/;
  const bare = name.replaceAll('*', '');
  return plain.test(name) && (bare === '' || printName(bare) === bare) ? name : `\`${name}\``;
}

function printColumn({ text, alias }: Column): string {
  return `${text}${printAlias(alias)}`;
}

function printAlias(alias: Name | undefined): string {
  return alias ? ` as ${printName(alias.name)}` : '';
}

function printField({ path }: Field): string {
  return printPath(path);
}

/** How tightly an operator binds; an operand that binds less gets parentheses. */
const tightness = {
  or: 1,
  and: 2,
  not: 3,
  comparison: 4,
  sum: 5,
  product: 6,
  power: 7,
  sign: 8,
  operand: 9,
} as const;

const levels: Readonly<Record<Arithmetic | Comparison | 'and' | 'or', keyof typeof tightness>> = {
  or: 'or',
  and: 'and',
  '=': 'comparison',
  '!=': 'comparison',
  '<': 'comparison',
  '<=': 'comparison',
  '>': 'comparison',
  '>=': 'comparison',
  '+': 'sum',
  '-': 'sum',
  '*': 'product',
  '/': 'product',
  '%': 'product',
  '^': 'power',
};

/** The expression with no more parentheses than it needs. */
export function printExpression(expression: Expression): string {
  return printAt(expression, tightness.or);
}

/** As the source of `parse`, where a string would be read as the glob. */
function printOperand(expression: Expression): string {
  if (expression.kind === 'string') return `(${printString(expression.value)})`;
  return printAt(expression, tightness.operand);
}

function printAt(expression: Expression, least: number): string {
  const [text, tight] = printed(expression);
  return tight < least ? `(${text})` : text;
}

/** The text, and how tightly it holds together. */
function printed(expression: Expression): readonly [text: string, tightness: number] {
  const { comparison, sum, sign, operand, not } = tightness;
  switch (expression.kind) {
    case 'number':
      return [expression.text, operand];
    case 'string':
      return [printString(expression.value), operand];
    case 'field':
      return [printField(expression), operand];
    case 'period':
      return [`${expression.count}${expression.unit}`, operand];
    case 'call':
      return [printCall(expression), operand];
    case 'member':
      return [printMember(expression), operand];
    case 'unary':
      return expression.operator === '-'
        ? [`-${printAt(expression.operand, sign)}`, sign]
        : [`not ${printAt(expression.operand, not)}`, not];
    case 'binary': {
      const level = levels[expression.operator];
      const [left, right] = sidesOf(level);
      const sides = `${printAt(expression.left, left)} ${expression.operator} ${printAt(expression.right, right)}`;
      return [sides, tightness[level]];
    }
    case 'like': {
      const { negated, pattern } = expression;
      const right = pattern.kind === 'regex' ? printRegex(pattern.pattern) : printAt(pattern, sum);
      const operator = `${negated ? 'not ' : ''}${expression.operator}`;
      return [`${printAt(expression.operand, sum)} ${operator} ${right}`, comparison];
    }
    case 'in': {
      const items = list(expression.list, (item) => printAt(item, sum));
      return [
        `${printAt(expression.operand, sum)} ${expression.negated ? 'not ' : ''}in [${items}]`,
        comparison,
      ];
    }
    case 'inSubquery': {
      const { negated, query } = expression;
      const subquery = `(${printInsights(query)})`;
      return [`${printAt(expression.operand, sum)} ${negated ? 'not ' : ''}in ${subquery}`, comparison];
    }
  }
}

/** What the operands of an operator must bind by: `a - (b - c)`, `(a ^ b) ^ c`, `(a = b) = c`. */
function sidesOf(level: keyof typeof tightness): readonly [left: number, right: number] {
  const own = tightness[level];
  if (level === 'comparison') return [own + 1, own + 1];
  return level === 'power' ? [own + 1, own] : [own, own + 1];
}

function printCall({ name, args, star }: Call): string {
  const print = (arg: Expression | Regex) =>
    arg.kind === 'regex' ? printRegex(arg.pattern) : printExpression(arg);
  return `${name.name}(${star ? '*' : list(args, print)})`;
}

/** `list[1].action`; a step that is no index would continue the name of a field, so that one gets parentheses. */
function printMember({ operand, steps }: Member): string {
  const bare = operand.kind === 'call' || (operand.kind === 'field' && typeof steps[0] === 'number');
  const first = bare ? printExpression(operand) : `(${printExpression(operand)})`;
  return first + steps.map(printStep).join('');
}

function printStep(step: string | number): string {
  if (typeof step === 'number') return `[${step}]`;
  return /^@*\w+$/.test(step) ? `.${step}` : `[${printString(step)}]`;
}
