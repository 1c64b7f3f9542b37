import type { ServiceStatus } from '../administration/questions.ts';
import type { AccessStatus } from '../store/logs-access.ts';

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number];

/** The service and its store in Prometheus' text format, without what the server counts of itself. */
export function metricsText(status: ServiceStatus, store: AccessStatus): string {
  return [
    ...captureMetrics(status),
    ...flowLogMetrics(status),
    ...spoolMetrics(status),
    ...streamMetrics(status),
    ...subscriptionMetrics(status),
    ...storeMetrics(store),
  ].join('');
}

function* captureMetrics({
  capture,
  sums,
  packets,
  losses,
  unconfirmedChanges,
}: ServiceStatus): Generator<string> {
  yield gauge('headgate_capture_running', 'Whether packets are being captured', [
    [{}, capture.state === 'running' ? 1 : 0],
  ]);
  if (sums) {
    const { frames } = sums;
    yield counter('headgate_frames_total', 'Captured frames by what became of them', [
      [{ outcome: 'observed' }, frames.observed],
      ...reasons('excluded', frames.excluded),
      ...reasons('no-interface', frames.noInterface),
      ...reasons('not-ip', frames.notIp),
      ...reasons('malformed', frames.malformed),
    ]);
    yield counter('headgate_kernel_dropped_packets_total', 'Packets that the kernel had no room for', [
      [{}, frames.kernelDropped],
    ]);
    yield counter('headgate_observed_packets_total', 'Observed packets by verdict', [
      [{ action: 'ACCEPT' }, sums.packets.accepted],
      [{ action: 'REJECT' }, sums.packets.rejected],
    ]);
    yield gauge('headgate_tracked_connections', 'Connections that are tracked', [
      [{}, sums.connections.open],
    ]);
  }
  yield counter('headgate_flow_packets_total', 'Packets of flows by whether a flow log covers them', [
    [{ outcome: 'logged' }, packets.logged],
    [{ outcome: 'unlogged' }, packets.unlogged],
    [{ outcome: 'skipped' }, packets.skipped],
  ]);
  yield gauge('headgate_loss_ledger_entries', 'Latest entries of the loss ledger', [[{}, losses.length]]);
  yield counter('headgate_unconfirmed_changes_total', 'Changes answered before the capture judged by them', [
    [{}, unconfirmedChanges],
  ]);
}

function* flowLogMetrics({ flowLogs }: ServiceStatus): Generator<string> {
  const samples = (read: (flowLog: ServiceStatus['flowLogs'][number]) => number): Sample[] =>
    flowLogs.map((flowLog) => [{ flow_log: flowLog.flowLogId }, read(flowLog)]);
  yield gauge(
    'headgate_flow_log_delivering',
    'Whether the last delivery of a flow log succeeded',
    samples(({ status }) => (status === 'SUCCESS' ? 1 : 0)),
  );
  yield counter(
    'headgate_flow_log_records_total',
    'Records of a flow log',
    samples(({ records }) => records),
  );
  yield gauge(
    'headgate_flow_log_waiting_records',
    'Records that wait for their destination',
    samples(({ waiting }) => waiting),
  );
  yield counter(
    'headgate_flow_log_undelivered_records_total',
    'Records that never reached their destination',
    samples(({ undelivered }) => undelivered),
  );
  yield counter(
    'headgate_flow_log_ambiguous_batches_total',
    'Batches that were sent again because their answer was lost',
    samples(({ ambiguous }) => ambiguous),
  );
  yield gauge(
    'headgate_flow_log_behind_seconds',
    'Since when the oldest window waits that is not delivered',
    samples(({ behindSeconds }) => behindSeconds),
  );
}

function* spoolMetrics({ spool }: ServiceStatus): Generator<string> {
  yield gauge('headgate_spool_bytes', 'Disk that windows take which wait for their destinations', [
    [{ kind: 'used' }, spool.bytes],
    [{ kind: 'bound' }, spool.maxBytes],
  ]);
  yield gauge('headgate_spool_segments', 'Windows that wait for their destinations', [[{}, spool.segments]]);
  yield counter('headgate_spool_dropped_segments_total', 'Windows that the spool has given up', [
    [{}, spool.droppedSegments],
  ]);
}

function* streamMetrics({ streams }: ServiceStatus): Generator<string> {
  const labels = ({ name, place }: ServiceStatus['streams'][number]): Labels => ({
    account: place.accountId,
    region: place.region,
    stream: name,
  });
  yield counter(
    'headgate_stream_records_total',
    'Records of a delivery stream by what became of them',
    streams.flatMap((stream): Sample[] => [
      [{ ...labels(stream), outcome: 'taken' }, stream.takenRecords],
      [{ ...labels(stream), outcome: 'delivered' }, stream.deliveredRecords],
      [{ ...labels(stream), outcome: 'error-prefix' }, stream.failedRecords],
    ]),
  );
  yield gauge(
    'headgate_stream_buffered_bytes',
    'Disk that records of a delivery stream take which are not delivered',
    streams.map((stream) => [labels(stream), stream.bufferedBytes]),
  );
  yield gauge(
    'headgate_stream_delivering',
    'Whether the last delivery of a stream succeeded',
    streams.map((stream) => [labels(stream), stream.lastError ? 0 : 1]),
  );
}

function* subscriptionMetrics({ subscriptions }: ServiceStatus): Generator<string> {
  const samples = (read: (filter: ServiceStatus['subscriptions'][number]) => number): Sample[] =>
    subscriptions.map((filter) => [
      {
        account: filter.accountId,
        region: filter.region,
        log_group: filter.logGroupName,
        filter: filter.filterName,
      },
      read(filter),
    ]);
  yield gauge(
    'headgate_subscription_behind_events',
    'Events that a subscription filter has not come to',
    samples(({ behind }) => behind),
  );
  yield counter(
    'headgate_subscription_lost_events_total',
    'Events that were gone before a subscription filter came to them',
    samples(({ lost }) => lost),
  );
  yield gauge(
    'headgate_subscription_delivering',
    'Whether the last delivery of a subscription filter succeeded',
    samples(({ lastError }) => (lastError === undefined ? 1 : 0)),
  );
}

function* storeMetrics(store: AccessStatus): Generator<string> {
  yield gauge('headgate_store_events', 'Events in the log store', [
    [{ part: 'recent' }, store.recentRows],
    [{ part: 'segments' }, store.segmentRows],
  ]);
  yield gauge('headgate_store_bytes', 'Disk that the log store takes', [
    [{ part: 'journal' }, store.journalBytes],
    [{ part: 'segments' }, store.segmentBytes],
  ]);
  yield counter('headgate_store_lost_commits_total', 'Commits that an earlier process lost', [
    [{}, store.missingCommits],
  ]);
  yield gauge('process_resident_memory_bytes', 'Resident memory', [[{}, store.memoryBytes]]);
}

function reasons(outcome: string, counts: Readonly<Record<string, number>>): Sample[] {
  return Object.entries(counts).map(([reason, value]) => [{ outcome, reason }, value]);
}

function counter(name: string, help: string, samples: readonly Sample[]): string {
  return metric('counter', name, help, samples);
}

function gauge(name: string, help: string, samples: readonly Sample[]): string {
  return metric('gauge', name, help, samples);
}

function metric(type: string, name: string, help: string, samples: readonly Sample[]): string {
  const lines = samples.map(([labels, value]) => `${name}${labelText(labels)} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function labelText(labels: Labels): string {
  const parts = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replace(/[\\"\n]/g, escaped)}"`,
  );
  return parts.length > 0 ? `{${parts.join(',')}}` : '';
}

const escaped = (character: string): string => (character === '\n' ? '\\n' : `\\${character}`);
