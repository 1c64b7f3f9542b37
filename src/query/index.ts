/**
 * Questions about log events: Logs Insights QL from its text to SQL, and filter patterns. Neither how events are kept
 * nor who asks is known here; nothing of Node is used, so that an editor in the browser reads queries as the server does.
 */

export { compileInsights } from './compile.ts';
export type { CompileContext } from './compile-context.ts';
export { type FilterPattern, parseFilterPattern } from './filter-pattern/filter-pattern.ts';
export { signatureOf } from './functions/function.ts';
export { insightsFunctions } from './functions/table.ts';
export { insightsCommands, parseInsights } from './insights/parser.ts';
export { printInsights } from './insights/print.ts';
export { queryMacros } from './macros.ts';
export { arrivalCount, matchingIds, matchingLines } from './matching-events.ts';
export { decodePointer } from './pointer.ts';
export type { CompiledQuery } from './scan.ts';
