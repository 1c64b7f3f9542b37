import { parseArgs } from 'node:util';
import { ConfigError } from '../fault/index.ts';
import { fields, fieldTableText } from '../record/index.ts';

const help = `Usage: headgate fields [--output table|json]

Lists every field of a flow log record: version, type, meaning, and whether Headgate computes it.
`;

/** `headgate fields`. */
export function fieldsCommand(args: readonly string[]): number {
  const { values } = parseArgs({
    args: [...args],
    options: { output: { type: 'string', default: 'table' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) process.stdout.write(help);
  else if (values.output === 'json') process.stdout.write(`${JSON.stringify(fields, undefined, 2)}\n`);
  else if (values.output === 'table') process.stdout.write(fieldTableText());
  else
    throw new ConfigError(
      'InvalidOption',
      `--output: found ${JSON.stringify(values.output)}, expected table or json`,
    );
  return 0;
}
