import { aggregateFunctions } from './aggregates.ts';
import { datetimeFunctions } from './datetime.ts';
import type { CompiledFunction, InsightsFunction } from './function.ts';
import { generalFunctions } from './general.ts';
import { ipFunctions } from './ip.ts';
import { jsonFunctions } from './json.ts';
import { numericFunctions } from './numeric.ts';
import { textFunctions } from './text.ts';

const scalarFunctions: readonly CompiledFunction[] = [
  ...numericFunctions,
  ...generalFunctions,
  ...textFunctions,
  ...datetimeFunctions,
  ...ipFunctions,
  ...jsonFunctions,
];

/** Every function of Logs Insights QL that is answered here. */
export const insightsFunctions: readonly InsightsFunction[] = [...scalarFunctions, ...aggregateFunctions];

function byName(functions: readonly CompiledFunction[]): ReadonlyMap<string, CompiledFunction> {
  return new Map(
    functions.flatMap((entry) =>
      [entry.name, ...entry.spellings].map((name) => [name.toLowerCase(), entry] as const),
    ),
  );
}

const scalars = byName(scalarFunctions);
const aggregates = byName(aggregateFunctions);

export function scalarNamed(name: string): CompiledFunction | undefined {
  return scalars.get(name.toLowerCase());
}

export function aggregateNamed(name: string): CompiledFunction | undefined {
  return aggregates.get(name.toLowerCase());
}

/** Names that begin as the unknown one does, for an error; at most five. */
export function namesLike(name: string): readonly string[] {
  const known = insightsFunctions.map((entry) => entry.name);
  const start = name.toLowerCase().slice(0, 3);
  return known.filter((candidate) => candidate.toLowerCase().startsWith(start)).slice(0, 5);
}
