import { parseArgs } from 'node:util';
import { serviceDefaults } from '../config/index.ts';
import { OutputStream, Terminal } from '../report/index.ts';
import { ask, dataDirectoryOption } from './administration/ask.ts';
import { ignoresEndpoint, installedAws } from './administration/aws-program.ts';
import type { AdministratorKey } from './administration/questions.ts';
import { exportLines, quoted } from './administration/shell-text.ts';
import { given } from './given.ts';

const help = `Usage: headgate env [--account ID] [--data-dir DIR]

eval "$(headgate env)" sets the variables that make the AWS CLI, the SDKs, Terraform and Grafana talk
to Headgate as its administrator.
`;

/** `headgate env`. */
export async function envCommand(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      account: { type: 'string' },
      'data-dir': dataDirectoryOption,
      help: { type: 'boolean', short: 'h' },
    },
  });
  const output = new OutputStream(1);
  if (values.help) {
    await output.write(help);
    return 0;
  }
  const terminal = new Terminal();
  const key = await ask('administratorKey', given('account', values.account), {
    dataDirectory: values['data-dir'],
    command: 'headgate env',
    terminal,
  });
  const endpoint = endpointOf(key, terminal);
  const lines = exportLines(key, endpoint);
  const version = await installedAws();
  if (version !== undefined && ignoresEndpoint(version)) {
    terminal.line(oldAwsText(version));
    lines.push(`alias aws=${quoted(`aws --endpoint-url ${endpoint}`)}`);
  }
  await output.write(`${lines.join('\n')}\n`);
  await terminal.flush();
  return 0;
}

/** Where the API is, or will be when it is started. */
export function endpointOf({ endpoint }: AdministratorKey, terminal: Terminal): string {
  if (endpoint !== undefined) return endpoint;
  const expected = `http://${serviceDefaults.address}:${serviceDefaults.port}`;
  terminal.line(`nobody serves this folder at present (headgate up does); ${expected} is where it would be`);
  return expected;
}

export function oldAwsText(version: string): string {
  return `warning: ${version} takes no notice of AWS_ENDPOINT_URL and would send requests to AWS: it needs --endpoint-url`;
}
