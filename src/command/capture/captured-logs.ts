import { captureDefaults } from '../../config/index.ts';
import { StoreDestination } from '../../delivery/store-destination.ts';
import type { FlowLog } from '../../flowlog/index.ts';
import type { LogFormat } from '../../record/index.ts';
import { formatCount, type Terminal } from '../../report/index.ts';
import type { Identity } from '../../vpc/index.ts';
import type { CaptureOptions } from './options.ts';

export interface CapturedLogs {
  readonly destination: StoreDestination;
  close(): Promise<void>;
}

/** The log store, served to other commands while the capture runs; it is loaded for who uses it only. */
export async function openCapturedLogs(
  options: CaptureOptions,
  flowLog: FlowLog,
  identity: Identity,
  terminal: Terminal,
): Promise<CapturedLogs | undefined> {
  const { logGroup, dataDirectory } = options;
  if (logGroup === undefined) return undefined;
  const { ownLogs } = await import('../store/access-logs.ts');
  const owned = await ownLogs({ dataDirectory, command: 'headgate capture', identity, terminal });
  const { logs } = owned.open;
  const onNotice = (line: string): void => terminal.line(line);
  try {
    const destination = await StoreDestination.open({ logs, logGroup, flowLog, onNotice });
    const close = async (): Promise<void> => {
      if (destination.refused > 0)
        terminal.line(`${formatCount(destination.refused)} records are not in the log store`);
      await owned.close();
    };
    return { destination, close };
  } catch (error) {
    await owned.close();
    throw error;
  }
}

/** How to ask the store, in the words of the shell; undefined where records do not go there. */
export function queryHint({ logGroup, format, dataDirectory }: CaptureOptions): string | undefined {
  if (logGroup === undefined) return undefined;
  const command = ['headgate query', `'${topTalkers(format)}'`];
  if (logGroup !== captureDefaults.logGroup) command.push(`--log-group '${logGroup}'`);
  if (dataDirectory !== captureDefaults.dataDirectory) command.push(`--data-dir '${dataDirectory}'`);
  return `and to log group ${logGroup}; who talks most:\n  ${command.join(' ')}`;
}

/** A question about the records that their format can answer. */
function topTalkers({ fields }: LogFormat): string {
  const names = (...tokens: readonly string[]): string[] =>
    tokens.flatMap((wanted) => fields.find(({ token }) => token === wanted)?.insights ?? []);
  const by = names('srcaddr', 'dstaddr');
  const keys = by.length > 0 ? by : names('pkt-srcaddr', 'pkt-dstaddr', 'interface-id', 'action').slice(0, 2);
  const [counter = 'count(*) as records'] = names('bytes', 'packets').map(
    (name) => `sum(${name}) as ${name}`,
  );
  const name = counter.split(' as ')[1];
  const grouped = keys.length > 0 ? ` by ${keys.join(', ')}` : '';
  return `stats ${counter}${grouped} | sort ${name} desc | limit 10`;
}
