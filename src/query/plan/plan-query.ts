import { QueryError } from '../../fault/index.ts';
import type { Command, Diff, Query } from '../insights/tree.ts';
import { planAppendColumns } from './append-columns.ts';
import { planCidrLookup } from './cidr-lookup.ts';
import { planCountFrequent } from './count-frequent.ts';
import { planDedup } from './dedup.ts';
import { EventNames } from './event-names.ts';
import { planDisplay, planFields, planFilter } from './fields.ts';
import { planFillMissing } from './fill-missing.ts';
import { planJoin } from './join.ts';
import { planLookup } from './lookup.ts';
import { planAccum, planAutoRegress, planFillDown } from './neighbours.ts';
import { newestFirst, planLimit, planSort } from './order.ts';
import { planOutlier } from './outlier.ts';
import { planJson, planParse } from './parse.ts';
import { earlierReading, planDiff, planPattern } from './pattern.ts';
import { Planner } from './planner.ts';
import { nothingShown, type Rows } from './rows.ts';
import { ScanRelation } from './scan-relation.ts';
import { Select } from './select.ts';
import { planSessionize } from './sessionize.ts';
import { planStats } from './stats.ts';
import { planAddTotals } from './totals.ts';
import { planExpand, planUnnest } from './unnest.ts';

/** As many as the service takes in a Standard log group. */
const maxStats = 10;

type PlanCommand<C extends Command> = (command: C, rows: Rows, planner: Planner) => Rows;

const plans: { readonly [Kind in Command['kind']]: PlanCommand<Extract<Command, { kind: Kind }>> } = {
  fields: planFields,
  display: planDisplay,
  unmask: planDisplay,
  filter: planFilter,
  filterIndex: planFilter,
  stats: planStats,
  sort: planSort,
  limit: planLimit,
  dedup: planDedup,
  parse: planParse,
  json: planJson,
  pattern: planPattern,
  diff: ({ range }) => {
    throw new QueryError('Diff compilation Failed : Diff operation has to be used after Pattern', range, [
      'pattern',
    ]);
  },
  unnest: planUnnest,
  expand: planExpand,
  lookup: planLookup,
  cidrlookup: planCidrLookup,
  join: planJoin,
  addtotals: planAddTotals,
  autoregress: planAutoRegress,
  accum: planAccum,
  filldown: planFillDown,
  fillmissing: planFillMissing,
  outlier: planOutlier,
  sessionize: planSessionize,
  countFrequent: planCountFrequent,
  appendcols: planAppendColumns,
  unsupported: ({ command, range }) => {
    throw new QueryError(`${command} is not supported by Headgate`, range);
  },
};

/**
 * The rows of a query, command by command.
 * @throws QueryError at the part that cannot be answered as written
 */
export function planQuery(planner: Planner, { commands }: Query): Rows {
  checkCounts(commands);
  return planCommands(planner, commands);
}

function planCommands(planner: Planner, commands: readonly Command[]): Rows {
  return commands.reduce((rows, command, i) => {
    if (command.kind === 'diff' && commands[i - 1]?.kind === 'pattern') {
      return planDiff(command, rows, earlierRows(planner, command, commands.slice(0, i)), planner);
    }
    if (command.kind === 'dedup')
      return planDedup(command, rows, planner, rowsAsked(commands[i + 1], planner));
    return planCommand(command, rows, planner);
  }, eventRows(planner));
}

/** How many rows are asked for behind a command; undefined when all are. */
function rowsAsked(next: Command | undefined, { inside, workshop }: Planner): number | undefined {
  if (next?.kind === 'limit') return next.count;
  return next || inside ? undefined : workshop.context.defaultLimit;
}

function planCommand<C extends Command>(command: C, rows: Rows, planner: Planner): Rows {
  const plan = plans[command.kind] as PlanCommand<C>;
  return plan(command, rows, planner);
}

/** The same commands over events of an earlier time. */
function earlierRows(planner: Planner, diff: Diff, commands: readonly Command[]): Rows {
  const reading = earlierReading(diff, planner.reading);
  return planCommands(new Planner(planner.workshop, reading, planner.inside), commands);
}

function checkCounts(commands: readonly Command[]): void {
  const stats = commands.filter(({ kind }) => kind === 'stats');
  if (stats.length > maxStats) {
    throw new QueryError(`a query has at most ${maxStats} stats`, stats[maxStats].range);
  }
  const joins = commands.filter(({ kind }) => kind === 'join');
  if (joins.length > 1) throw new QueryError('a query has at most one join', joins[1].range);
}

/** The events that the query reads, before any command. */
function eventRows(planner: Planner): Rows {
  const { scans, context } = planner.workshop;
  const { groups, startMs, endMs } = planner.reading;
  const scan = new ScanRelation(`scan_${scans.length}`, groups, startMs, endMs);
  scans.push(scan);
  const shape = context.shape(groups, startMs, endMs);
  const select = new Select(planner.alias(), scan);
  const names = new EventNames(scan, shape, (id) => context.format(id));
  const order = newestFirst(names);
  return {
    select,
    names,
    texts: new Map(),
    order,
    ties: order,
    arranged: false,
    limited: false,
    shown: nothingShown,
    raw: true,
    events: select,
  };
}
