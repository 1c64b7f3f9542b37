import { captureDefaults } from '../../config/index.ts';
import type { Terminal } from '../../report/index.ts';
import { accessLogs } from '../store/access-logs.ts';
import type { Question, Questions } from './questions.ts';

export interface Asking {
  readonly dataDirectory: string;
  /** As the user would say it: `headgate env`. */
  readonly command: string;
  readonly terminal: Terminal;
}

/** Of commands that ask for something of the data folder. */
export const dataDirectoryOption = { type: 'string', default: captureDefaults.dataDirectory } as const;

/** Asks the process that owns the data folder, or the store itself when nobody does. */
export async function ask<Q extends Question>(
  question: Q,
  asked: Questions[Q]['asked'],
  { dataDirectory, command, terminal }: Asking,
): Promise<Questions[Q]['answer']> {
  const access = await accessLogs({ dataDirectory, command, terminal, make: false });
  try {
    return await access.ask(question, asked);
  } finally {
    await access.close();
  }
}
