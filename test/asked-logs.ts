import type {
  GetQueryResultsResponse,
  LogsOptions,
  RunQueryAnswer,
  RunQueryRequest,
  StartQueryRequest,
} from '../src/logs/index.ts';
import { noonMs, OpenedLogs } from './open-logs.ts';

export const noonSeconds = noonMs / 1000;
/** Around noon. */
export const hour = { startTime: noonSeconds - 1800, endTime: noonSeconds + 1800 };

/** A record that began at noon. */
export const recordOf = (address: string, port: number): string =>
  `2 123456789010 eni-1 ${address} 10.0.0.9 1000 ${port} 6 20 4249 ${noonSeconds} ${noonSeconds + 60} ACCEPT OK`;

/** Log groups, made an hour before noon, with events of noon: `g` has two records, `h` JSON and a text, `cold` nothing. */
export class AskedLogs {
  readonly opened: OpenedLogs;

  private constructor(opened: OpenedLogs) {
    this.opened = opened;
  }

  static async open(options: Partial<LogsOptions> = {}): Promise<AskedLogs> {
    const asked = new AskedLogs(await OpenedLogs.open(options));
    const { opened } = asked;
    opened.nowMs -= 3_600_000;
    await opened.logs.createLogGroup({ logGroupName: 'g', tags: { team: 'net', stage: 'prod-1' } });
    await opened.logs.createLogGroup({ logGroupName: 'h' });
    await opened.logs.createLogGroup({ logGroupName: 'cold', logGroupClass: 'INFREQUENT_ACCESS' });
    opened.nowMs = noonMs;
    await asked.put('g', recordOf('10.0.0.1', 80), recordOf('10.0.0.2', 443));
    await asked.put('h', '{"a": {"b": 1}, "list": [1, "x"], "@c": "d"}', 'plain');
    return asked;
  }

  /** A new stream of events at 0 ms, 1 ms … after noon. */
  async put(logGroupName: string, ...messages: string[]): Promise<void> {
    const stream = { logGroupName, logStreamName: 's' };
    await this.opened.logs.createLogStream(stream);
    await this.opened.logs.putLogEvents({
      ...stream,
      logEvents: messages.map((message, i) => ({ timestamp: noonMs + i, message })),
    });
  }

  async start(request: Partial<StartQueryRequest>): Promise<{ readonly queryId: string }> {
    const queryString = 'fields srcAddr | sort srcAddr';
    return this.opened.logs.startQuery({ logGroupName: 'g', queryString, ...hour, ...request });
  }

  async finished(queryId: string): Promise<GetQueryResultsResponse> {
    for (;;) {
      const answer = this.opened.logs.getQueryResults({ queryId });
      if (answer.status !== 'Scheduled' && answer.status !== 'Running') return answer;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  run(request: Partial<RunQueryRequest>): Promise<RunQueryAnswer> {
    return this.opened.logs.runQuery({
      startMs: noonMs - 3_600_000,
      endMs: noonMs + 3_600_000,
      queryString: 'fields srcAddr, none | sort srcAddr',
      ...request,
    });
  }

  close(): Promise<void> {
    return this.opened.close();
  }
}

/** Rows by the names of their columns, without `@ptr`. */
export function plainRows({ results }: GetQueryResultsResponse): Record<string, string>[] {
  return results.map((row) =>
    Object.fromEntries(row.filter(({ field }) => field !== '@ptr').map(({ field, value }) => [field, value])),
  );
}
