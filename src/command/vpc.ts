import path from 'node:path';
import { parseArgs } from 'node:util';
import { listDevices } from '../capture/index.ts';
import { captureDefaults } from '../config/index.ts';
import { ConfigError } from '../fault/index.ts';
import { formatCount, OutputStream, Terminal } from '../report/index.ts';
import { deviceNetwork, keepIdentity, loadNetwork, resolveIdentity, writeNetwork } from '../vpc/index.ts';
import { ask } from './administration/ask.ts';
import type { NetworkImport } from './administration/questions.ts';
import { parseOutputFormat, printTable } from './output/print-table.ts';

const help = `Usage: headgate vpc init DIR [--account ID] [--region R]
       headgate vpc check DIR
       headgate vpc import DIR [--dry-run] [--output table|json] [--data-dir DIR]

init writes the network of this host (its devices, their prefixes, a security group and a network ACL
that allow everything) as the JSON that aws ec2 describe-… prints. Edit the rules, then
headgate capture --vpc DIR. check reads such a directory and lists all that is wrong with it. import
makes it the network that headgate up judges by, at once, and lists what that changes.
`;

interface Values {
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  readonly output?: string | undefined;
  readonly 'dry-run'?: boolean | undefined;
  readonly 'data-dir': string;
}

/** `headgate vpc init`, `check` and `import`. */
export async function vpcCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      account: { type: 'string' },
      region: { type: 'string' },
      output: { type: 'string' },
      'dry-run': { type: 'boolean' },
      'data-dir': { type: 'string', default: captureDefaults.dataDirectory },
      help: { type: 'boolean', short: 'h' },
    },
    allowPositionals: true,
  });
  const [action, directory] = positionals;
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const run = Object.hasOwn(actions, action ?? '') ? actions[action] : undefined;
  if (positionals.length !== 2 || !run) {
    throw new ConfigError('InvalidOption', 'headgate vpc: expected init DIR, check DIR or import DIR', [
      help,
    ]);
  }
  return run(directory, values);
}

const actions: Readonly<Record<string, (directory: string, values: Values) => number | Promise<number>>> = {
  init,
  check,
  import: importNetwork,
};

function init(directory: string, options: Values): number {
  const identity = resolveIdentity(options, process.env, options['data-dir']);
  const devices = listDevices().filter(({ notCaptured }) => notCaptured === undefined);
  if (devices.length === 0)
    throw new ConfigError('NothingToCapture', 'no device of this host can be captured');
  const files = writeNetwork(directory, deviceNetwork(devices, identity));
  keepIdentity(options['data-dir'], identity);
  for (const file of files) process.stdout.write(`${file}\n`);
  return 0;
}

function check(directory: string): number {
  const { network, warnings } = loadNetwork(directory);
  for (const warning of warnings) process.stdout.write(`warning: ${warning}\n`);
  const counts = [
    [network.vpcs.length, 'VPCs'],
    [network.subnets.length, 'subnets'],
    [network.networkInterfaces.length, 'network interfaces'],
    [network.securityGroups.length, 'security groups'],
    [network.networkAcls.length, 'network ACLs'],
  ] as const;
  process.stdout.write(
    `${directory}: ${counts.map(([count, what]) => `${formatCount(count)} ${what}`).join(', ')}\n`,
  );
  return 0;
}

async function importNetwork(directory: string, values: Values): Promise<number> {
  const format = parseOutputFormat(values.output, ['table', 'json']);
  const terminal = new Terminal();
  const output = new OutputStream(1);
  const isDryRun = values['dry-run'] ?? false;
  const imported = await ask(
    'importNetwork',
    { directory: path.resolve(directory), isDryRun },
    { dataDirectory: values['data-dir'], command: 'headgate vpc', terminal },
  );
  for (const warning of imported.warnings) terminal.line(`warning: ${warning}`);
  await printChanges(output, imported, format);
  const count = formatCount(imported.changes.length);
  terminal.line(isDryRun ? `${count} changes, none of them made` : `${count} changes made`);
  await terminal.flush();
  return 0;
}

function printChanges(
  output: OutputStream,
  { changes }: NetworkImport,
  format: 'table' | 'json',
): Promise<void> {
  const rows = changes.map(({ change, kind, id, members }) => [change, kind, id, members.join(' ')]);
  return printTable(output, { columns: ['Change', 'Kind', 'Id', 'Members'], rows }, format);
}
