import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { NetworkView } from '../src/command/capture/network-view.ts';
import { NetworkView as View } from '../src/command/capture/network-view.ts';
import type {
  Batch,
  DeliveryOutcome,
  Destination,
  ObjectDestination,
  ObjectFile,
  RecordDestination,
} from '../src/delivery/destination.ts';
import { FlowLogRun, type FlowLogRunOptions } from '../src/delivery/flow-log-run.ts';
import { Turns } from '../src/delivery/turns.ts';
import type { FlowLogResource } from '../src/flowlog/index.ts';
import { runnableFlowLog } from '../src/flowlog/index.ts';
import { defaultLogFormat, type FlowRecords, renderLines } from '../src/record/index.ts';
import type { FlowSpool } from '../src/spool/index.ts';
import { beganMs, openSpool } from './open-spool.ts';
import { testNetwork } from './test-network.ts';

export const runPlace = { accountId: '123456789012', region: 'us-east-1' };

const network = testNetwork({
  vpcId: 'vpc-1',
  interfaces: [
    { id: 'eni-0', addresses: ['10.0.1.10'] },
    { id: 'eni-1', addresses: ['10.0.1.11'] },
  ],
});

export function runView(): NetworkView {
  const view = new View({ ...runPlace, azId: 'use1-az1' }, {}, () => undefined);
  view.addCauses(['sg-1/ingress/default']);
  view.load(network);
  return view;
}

export const delivered: DeliveryOutcome = { kind: 'delivered' };
export const refused = (more: object = {}): DeliveryOutcome => ({
  kind: 'refused',
  message: 'Access error',
  detail: 'why',
  retryable: true,
  ...more,
});
/** One that is lost on its way back; with `isThere: false` it was lost on its way there. */
const isTaken = (answer: DeliveryOutcome & { readonly isThere?: boolean }): boolean =>
  answer.kind === 'delivered' || (answer.isAmbiguous === true && answer.isThere !== false);
type Answer = () => DeliveryOutcome | Promise<DeliveryOutcome>;

/** What a destination has, which outlives programs. It answers as a test tells it to. */
export class Recipient {
  /** Lines in the order in which they came. */
  readonly lines: string[] = [];
  readonly batches: Batch['id'][] = [];
  readonly objects = new Map<string, Buffer>();
  puts = 0;
  forgotten = 0;
  answer: Answer = () => delivered;
  #last: readonly [string, number, number] | undefined;

  records(remembers: boolean): RecordDestination {
    return {
      takes: 'records',
      ...(remembers ? { remembers } : {}),
      deliver: async ({ id, records }) => {
        const answer = await this.answer();
        const isThere = isTaken(answer);
        if (isThere && !(remembers && this.#has(id))) this.#take(id, records);
        return answer;
      },
      forget: async () => {
        this.forgotten++;
      },
    };
  }

  bucket(prefix = 'all/'): ObjectDestination {
    return {
      takes: 'objects',
      prefix,
      put: async ({ key, file }: ObjectFile) => {
        this.puts++;
        const bytes = readFileSync(file);
        const answer = await this.answer();
        if (isTaken(answer)) this.objects.set(key, bytes);
        return answer;
      },
    };
  }

  /** Of all objects that are text, without headers. */
  get objectLines(): string[] {
    return [...this.objects.values()].flatMap((bytes) =>
      gunzipSync(bytes).toString().split('\n').slice(1, -1),
    );
  }

  #has({ spoolId, segment, piece }: Batch['id']): boolean {
    if (this.#last?.[0] !== spoolId) return false;
    const [, lastSegment, lastPiece] = this.#last;
    return segment < lastSegment || (segment === lastSegment && piece <= lastPiece);
  }

  #take(id: Batch['id'], records: FlowRecords): void {
    this.#last = [id.spoolId, id.segment, id.piece];
    this.batches.push(id);
    this.lines.push(...renderLines(records, { header: false }).split('\n').slice(0, -1));
  }
}

export const runResource = (more: Partial<FlowLogResource> = {}): FlowLogResource => ({
  FlowLogId: 'fl-00000000000000001',
  ResourceId: 'vpc-1',
  resourceType: 'VPC',
  TrafficType: 'ALL',
  LogDestinationType: 's3',
  LogDestination: 'arn:aws:s3:::flows',
  LogFormat: defaultLogFormat.text,
  MaxAggregationInterval: 60,
  Tags: [],
  clientToken: 'token',
  ...more,
});

export interface OpenedRun {
  readonly spool: FlowSpool;
  readonly run: FlowLogRun;
  readonly notices: string[];
  end(): Promise<void>;
}

export const newRunFolder = (): string => mkdtempSync(path.join(tmpdir(), 'headgate-run-'));

/** One flow log over a spool, as a start of the program finds them. */
export async function openRun(
  folder: string,
  destination: Destination,
  {
    resource = runResource(),
    spoolBytes = 2 ** 22,
    ...options
  }: Partial<FlowLogRunOptions> & { readonly spoolBytes?: number } = {},
): Promise<OpenedRun> {
  const view = runView();
  const notices: string[] = [];
  const nowMs = options.nowMs ?? (() => beganMs + 86_400_000);
  const { spool } = await openSpool(folder, { view, clock: nowMs, maxBytes: spoolBytes });
  const run = new FlowLogRun({
    resource,
    flowLog: runnableFlowLog(resource)!,
    place: runPlace,
    view,
    windowSeconds: 60,
    maxFlows: 65_536,
    spool,
    destination,
    stateFolder: path.join(folder, 'flow-logs'),
    nowMs,
    retryMs: { first: 1, longest: 4 },
    idleMs: 1e6,
    endMs: 5000,
    deletedMs: 5000,
    inTurn: new Turns().take,
    onNotice: (line) => notices.push(line),
    onKept: () => undefined,
    ...options,
  });
  spool.onSealed(() => run.noteSealed());
  const end = async (): Promise<void> => {
    await run.end();
    await spool.close();
  };
  return { spool, run, notices, end };
}
