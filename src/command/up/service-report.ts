import type { FlowLogs } from '../../delivery/index.ts';
import type { Identity } from '../../vpc/index.ts';
import type { FlowLogStatus, LossStatus, ServiceStatus } from '../administration/questions.ts';
import type { NetworkView } from '../capture/network-view.ts';
import type { Capture } from './capture.ts';
import type { NetworkFollower } from './network-follower.ts';
import type { UpOptions } from './options.ts';

export interface ReportedParts {
  readonly capture: Capture | undefined;
  readonly flowLogs: FlowLogs;
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
    const { capture, flowLogs, follower } = this.#parts;
    const { packets, losses } = flowLogs.report();
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
      flowLogs: this.#flowLogs(),
      unconfirmedChanges: follower.unconfirmed,
    };
  }

  #flowLogs(): FlowLogStatus[] {
    const { accountId, region } = this.#parts.identity;
    return this.#parts.flowLogs.report().flowLogs.map((report) => ({
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
    }));
  }
}
