#!/usr/bin/env node
import { ConfigError, ServiceError } from '../fault/index.ts';
import { startThread } from './capture/start-thread.ts';
import { helpText } from './help.ts';

/** Each loads only what it needs. */
const commands: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  account: async (args) => (await import('./account.ts')).accountCommand(args),
  capture: async (args) => {
    const thread = startThread();
    return (await import('./capture/capture.ts')).captureCommand(args, thread);
  },
  configure: async (args) => (await import('./configure.ts')).configureCommand(args),
  env: async (args) => (await import('./env.ts')).envCommand(args),
  fields: async (args) => (await import('./fields.ts')).fieldsCommand(args),
  import: async (args) => (await import('./import.ts')).importCommand(args),
  keys: async (args) => (await import('./keys.ts')).keysCommand(args),
  logs: async (args) => (await import('./logs.ts')).logsCommand(args),
  query: async (args) => (await import('./query.ts')).queryCommand(args),
  s3: async (args) => (await import('./s3.ts')).s3Command(args),
  status: async (args) => (await import('./status.ts')).statusCommand(args),
  up: async (args) => (await import('./up/up.ts')).upCommand(args, startThread),
  vpc: async (args) => (await import('./vpc.ts')).vpcCommand(args),
};

async function main([name = '', ...args]: readonly string[]): Promise<number> {
  if (name === '' || name === 'help' || name === '--help' || name === '-h') {
    process.stdout.write(helpText);
    return name === '' ? 2 : 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    throw new ConfigError(
      'UnknownCommand',
      `headgate: no command ${JSON.stringify(name)}; headgate help lists them`,
    );
  }
  return command(args);
}

/** What the user can mend is a sentence; anything else is ours, and shows where. */
function report(error: unknown): number {
  const isUsage =
    error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  if (error instanceof ConfigError || isUsage) {
    const details = error instanceof ConfigError ? error.details : ['--help lists the options'];
    process.stderr.write(`${[error.message, ...details].join('\n')}\n`);
    return 2;
  }
  if (error instanceof ServiceError) {
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
  process.stderr.write(
    `${error instanceof Error ? (error.name === 'DeliveryError' ? error.message : error.stack) : String(error)}\n`,
  );
  return 1;
}

// A reader that goes away (| head) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return;
  process.stderr.write(`standard output: ${error.message}\n`);
  process.exit(1);
});
process.exitCode = await main(process.argv.slice(2)).catch(report);
