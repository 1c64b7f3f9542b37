import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigError } from '../fault/index.ts';
import { Terminal } from '../report/index.ts';
import { ask, dataDirectoryOption } from './administration/ask.ts';
import { ignoresEndpoint, installedAws } from './administration/aws-program.ts';
import { withSection } from './administration/ini-section.ts';
import { endpointOf, oldAwsText } from './env.ts';
import { given } from './given.ts';

const help = `Usage: headgate configure [--profile NAME] [--account ID] [--data-dir DIR]

Writes a profile (default headgate) into the AWS CLI's own files, in $AWS_CONFIG_FILE and
$AWS_SHARED_CREDENTIALS_FILE or below ~/.aws: aws --profile headgate ec2 describe-flow-logs
`;

/** `headgate configure`. */
export async function configureCommand(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      profile: { type: 'string', default: 'headgate' },
      account: { type: 'string' },
      'data-dir': dataDirectoryOption,
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const { profile } = values;
  if (!/^[A-Za-z0-9_.@-]+$/.test(profile)) {
    throw new ConfigError('InvalidOption', `--profile: found ${JSON.stringify(profile)}, expected a name`);
  }
  const terminal = new Terminal();
  const key = await ask('administratorKey', given('account', values.account), {
    dataDirectory: values['data-dir'],
    command: 'headgate configure',
    terminal,
  });
  const endpoint = endpointOf(key, terminal);
  const section = profile === 'default' ? profile : `profile ${profile}`;
  writeProfile(configFile(), section, {
    region: key.region,
    endpoint_url: endpoint,
    disable_host_prefix_injection: 'true',
  });
  writeProfile(credentialsFile(), profile, {
    aws_access_key_id: key.accessKeyId,
    aws_secret_access_key: key.secretAccessKey,
  });
  terminal.line(`profile ${profile} is in ${configFile()} and ${credentialsFile()}`);
  const version = await installedAws();
  if (version !== undefined && ignoresEndpoint(version)) {
    terminal.line(oldAwsText(version));
    terminal.line(`alias aws='aws --endpoint-url ${endpoint}'`);
  }
  await terminal.flush();
  return 0;
}

const configFile = (): string => process.env.AWS_CONFIG_FILE ?? path.join(homedir(), '.aws', 'config');

const credentialsFile = (): string =>
  process.env.AWS_SHARED_CREDENTIALS_FILE ?? path.join(homedir(), '.aws', 'credentials');

/** Replaces the file in one step; only its owner may read it. */
function writeProfile(file: string, section: string, members: Readonly<Record<string, string>>): void {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(temporary, withSection(readIfThere(file), section, members), { mode: 0o600 });
    chmodSync(temporary, 0o600);
    renameSync(temporary, file);
  } catch (error) {
    throw new ConfigError('CannotWrite', `${file}: ${(error as Error).message}`, [], { cause: error });
  }
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
