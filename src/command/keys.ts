import { parseArgs } from 'node:util';
import { ConfigError } from '../fault/index.ts';
import { OutputStream, Terminal } from '../report/index.ts';
import { ask, dataDirectoryOption } from './administration/ask.ts';
import { printKey } from './administration/print-key.ts';
import { given } from './given.ts';
import { parseOutputFormat } from './output/print-table.ts';

const help = `Usage: headgate keys reset [--account ID] [--output table|json] [--data-dir DIR]

Gives IAM user admin a new access key; its former ones are no longer good.
`;

/** `headgate keys reset`. */
export async function keysCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      account: { type: 'string' },
      output: { type: 'string' },
      'data-dir': dataDirectoryOption,
      help: { type: 'boolean', short: 'h' },
    },
    allowPositionals: true,
  });
  const output = new OutputStream(1);
  if (values.help) {
    await output.write(help);
    return 0;
  }
  if (positionals.length !== 1 || positionals[0] !== 'reset') {
    throw new ConfigError('InvalidOption', 'headgate keys: expected reset', [help]);
  }
  const format = parseOutputFormat(values.output, ['table', 'json']);
  const terminal = new Terminal();
  const key = await ask('resetKey', given('account', values.account), {
    dataDirectory: values['data-dir'],
    command: 'headgate keys',
    terminal,
  });
  await printKey(output, key, format);
  await terminal.flush();
  return 0;
}
