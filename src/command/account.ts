import { parseArgs } from 'node:util';
import { ConfigError } from '../fault/index.ts';
import { OutputStream, Terminal } from '../report/index.ts';
import { ask, dataDirectoryOption } from './administration/ask.ts';
import { printKey } from './administration/print-key.ts';
import { given } from './given.ts';
import { parseOutputFormat } from './output/print-table.ts';

const help = `Usage: headgate account create NAME [--account ID] [--output table|json] [--data-dir DIR]

Makes a further account, with an administrator of its own, whose access key is shown now and by
headgate env --account ID.
`;

/** `headgate account create`. */
export async function accountCommand(args: readonly string[]): Promise<number> {
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
  const [action, name] = positionals;
  if (positionals.length !== 2 || action !== 'create') {
    throw new ConfigError('InvalidOption', 'headgate account: expected create NAME', [help]);
  }
  const format = parseOutputFormat(values.output, ['table', 'json']);
  const terminal = new Terminal();
  const asked = { name, ...given('account', values.account) };
  const key = await ask('createAccount', asked, {
    dataDirectory: values['data-dir'],
    command: 'headgate account',
    terminal,
  });
  await printKey(output, key, format);
  await terminal.flush();
  return 0;
}
