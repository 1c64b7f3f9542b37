import type { FlowLogReport } from '../../delivery/index.ts';
import type { PlacedLogs } from '../../logs/index.ts';
import type { Identity } from '../../vpc/index.ts';
import type { FlowLogStatus, LossStatus, ServiceStatus } from '../administration/questions.ts';
import type { NetworkView } from '../capture/network-view.ts';
import type { Capture } from './capture.ts';
import type { Deliveries } from './deliveries.ts';
import type { NetworkFollower } from './network-follower.ts';
import type { UpOptions } from './options.ts';

export interface ReportedParts {
  readonly capture: Capture | undefined;
  readonly deliveries: Pick<Deliveries, 'flowLogs' | 'streams'>;
  readonly placedLogs: Pick<PlacedLogs, 'subscriptions'>;
  readonly follower: NetworkFollower;
  readonly view: NetworkView;
  readonly identity: Identity;
  readonly options: Pick<UpOptions, 'windowSeconds'>;
}

/** What the service is doing, for `headgate status` and for Prometheus. */
export class ServiceReport {
  readonly #parts: ReportedParts;

  constructor(parts: ReportedParts) {
    this.#parts = parts;
  }

  read(endpoint: string): ServiceStatus {
    const { capture, deliveries, placedLogs, follower } = this.#parts;
    const { packets, losses, flowLogs, spool } = deliveries.flowLogs.report();
    return {
      endpoint,
      capture: capture?.status ?? { state: 'off', reason: 'it was not asked for', captured: [] },
      ...(capture ? { sums: capture.sums } : {}),
      packets,
      losses: losses.map((loss): LossStatus => {
        const { interfaceIndex, window, ...rest } = loss;
        const { interfaceId } = this.#parts.view.facts(interfaceIndex);
        return { interfaceId, window: window * this.#parts.options.windowSeconds, ...rest };
      }),
      flowLogs: flowLogs.map((report) => this.#flowLog(report)),
      spool,
      streams: deliveries.streams.status(),
      subscriptions: placedLogs.subscriptions(),
      unconfirmedChanges: follower.unconfirmed,
    };
  }

  #flowLog(report: FlowLogReport): FlowLogStatus {
    const { accountId, region } = this.#parts.identity;
    return {
      accountId,
      region,
      flowLogId: report.flowLogId,
      resourceId: report.resourceId,
      destination: report.destination,
      status: report.health.status,
      ...(report.health.message === undefined ? {} : { message: report.health.message }),
      ...(report.detail === '' ? {} : { detail: report.detail }),
      records: report.records.records,
      waiting: report.delivery.waiting,
      undelivered: report.delivery.undelivered,
      ambiguous: report.delivery.ambiguous,
      waitingSegments: report.delivery.waitingSegments,
      behindSeconds: report.delivery.behindSeconds,
    };
  }
}
