import { call } from '../sql/held.ts';
import { renderOf, textOf } from '../sql/readings.ts';
import type { Sql } from '../sql/sql.ts';
import { booleanOf, scalar, type Value } from '../sql/value.ts';
import { type CompiledFunction, fn } from './function.ts';

export const jsonFunctions: readonly CompiledFunction[] = [
  fn('jsonParse json_parse', 'json', 's', 'The map or the list that the text is in JSON', (args) =>
    parsed(args.value(0)),
  ),
  fn('jsonStringify json_stringify', 'json', 'v', 'The text of a map or a list in JSON', (args) =>
    scalar('text', renderOf(args.value(0))),
  ),
  fn('jsonArraySize json_array_size', 'json', 'f', 'How many items the list has', (args) =>
    scalar('integer', call('json_size', structureOf(args.value(0)))),
  ),
  fn(
    'jsonArrayContains json_array_contains',
    'json',
    'f, v',
    '1 when the list has an item of that text',
    (args) => booleanOf(call('json_has', structureOf(args.value(0)), textOf(args.value(1)))),
  ),
];

function parsed(value: Value): Value {
  return scalar('structure', structureOf(value));
}

/** JSON: as it is, or read from the text. */
function structureOf(value: Value): Sql {
  return value.kind === 'structure' ? value.sql : call('json_structure', textOf(value));
}
