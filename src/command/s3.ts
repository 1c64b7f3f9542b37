import { parseArgs } from 'node:util';
import { ConfigError } from '../fault/index.ts';
import { formatBytes, formatCount, OutputStream, Terminal } from '../report/index.ts';
import { ask, dataDirectoryOption } from './administration/ask.ts';
import { parseOutputFormat, printTable } from './output/print-table.ts';

const help = `Usage: headgate s3 adopt BUCKET [--output table|json] [--data-dir DIR]

Makes objects of the files that somebody has laid into a bucket's folder (DIR/s3/BUCKET) by hand.
`;

/** `headgate s3 adopt`. */
export async function s3Command(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
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
  const [action, bucket] = positionals;
  if (positionals.length !== 2 || action !== 'adopt') {
    throw new ConfigError('InvalidOption', 'headgate s3: expected adopt BUCKET', [help]);
  }
  const format = parseOutputFormat(values.output, ['table', 'json']);
  const terminal = new Terminal();
  const asking = { dataDirectory: values['data-dir'], command: 'headgate s3', terminal };
  const { adopted, bytes } = await ask('adoptObjects', { bucket }, asking);
  if (format === 'json') await output.write(`${JSON.stringify({ bucket, adopted, bytes }, undefined, 2)}\n`);
  else {
    const rows = [[bucket, formatCount(adopted), formatBytes(bytes)]] as const;
    await printTable(output, { columns: ['BUCKET', 'ADOPTED', 'SIZE'], rows }, format);
  }
  await terminal.flush();
  return 0;
}
