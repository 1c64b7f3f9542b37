import { parseArgs } from 'node:util';
import { listDevices } from '../capture/index.ts';
import { captureDefaults } from '../config/index.ts';
import { ConfigError } from '../fault/index.ts';
import { formatCount } from '../report/index.ts';
import { deviceNetwork, keepIdentity, loadNetwork, resolveIdentity, writeNetwork } from '../vpc/index.ts';

const help = `Usage: headgate vpc init DIR [--account ID] [--region R]
       headgate vpc check DIR

init writes the network of this host (its devices, their prefixes, a security group and a network ACL
that allow everything) as the JSON that aws ec2 describe-… prints. Edit the rules, then
headgate capture --vpc DIR. check reads such a directory and lists all that is wrong with it.
`;

/** `headgate vpc init` and `headgate vpc check`. */
export function vpcCommand(args: readonly string[]): number {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      account: { type: 'string' },
      region: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
    allowPositionals: true,
  });
  const [action, directory] = positionals;
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  if (positionals.length !== 2 || (action !== 'init' && action !== 'check')) {
    throw new ConfigError('InvalidOption', 'headgate vpc: expected init DIR or check DIR', [help]);
  }
  return action === 'init' ? init(directory, values) : check(directory);
}

function init(
  directory: string,
  options: { account?: string | undefined; region?: string | undefined },
): number {
  const identity = resolveIdentity(options, process.env, captureDefaults.dataDirectory);
  const devices = listDevices().filter(({ notCaptured }) => notCaptured === undefined);
  if (devices.length === 0)
    throw new ConfigError('NothingToCapture', 'no device of this host can be captured');
  const files = writeNetwork(directory, deviceNetwork(devices, identity));
  keepIdentity(captureDefaults.dataDirectory, identity);
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
