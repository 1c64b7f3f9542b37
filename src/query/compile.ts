import type { CompileContext } from './compile-context.ts';
import { parseInsights } from './insights/parser.ts';
import { answerRows } from './plan/answer.ts';
import { inSubquery, readingOf } from './plan/inner-query.ts';
import { planQuery } from './plan/plan-query.ts';
import { Planner, type Workshop } from './plan/planner.ts';
import type { CompiledQuery } from './scan.ts';
import { printSql, printStatements } from './sql/sql.ts';

/**
 * Insights QL as SQL over the scans of a store.
 * @throws QueryError at the characters that cannot be answered: what is no query, unknown functions and tables, names
 *   that are gone, commands that are not supported
 */
export function compileInsights(text: string, context: CompileContext): CompiledQuery {
  const query = parseInsights(text);
  const workshop: Workshop = { text, context, scans: [], lookups: [], aliases: 0, planQuery, inSubquery };
  const { groups, startMs, endMs } = context;
  const reading = readingOf(query, { workshop, reading: { groups, startMs, endMs } });
  const planner = new Planner(workshop, reading);
  const { statement, matched, countsMatches, columns, hasPointer } = answerRows(
    planQuery(planner, query),
    planner,
  );
  const statements = matched ? [matched, statement] : [statement];
  const { texts, parameters } = printStatements(statements);
  return {
    scans: workshop.scans.map((scan) => scan.asked(statements)),
    lookups: workshop.lookups,
    sql: texts[texts.length - 1],
    parameters,
    columns,
    hasPointer,
    ...(countsMatches && { countsMatches }),
    ...(matched && { matchedSql: texts[0], matchedParameters: printSql(matched).parameters.length }),
  };
}
