import { invariant, ServiceError } from '../fault/index.ts';
import type { FlowLog, FlowLogResource } from '../flowlog/index.ts';
import type { RoleSession, ServiceAccess } from '../iam/service-access.ts';
import type { Logs } from '../logs/index.ts';
// Not by the room's index: a capture that stores nothing does not load the store.
import { authorizedResource } from '../logs/names.ts';
import type { Place } from '../resource/index.ts';
import type { Batch, DeliveryOutcome, RecordDestination, Refusal } from './destination.ts';
import { originOf } from './record-origin.ts';
import { StreamNames } from './stream-names.ts';

export type LogGroupStore = Pick<
  Logs,
  'putRecords' | 'forgetOrigin' | 'ensureLogGroup' | 'describeLogGroups' | 'describeLogStreams'
>;

export interface LogGroupDestinationOptions {
  readonly resource: FlowLogResource;
  readonly flowLog: Pick<FlowLog, 'format' | 'trafficType'>;
  readonly place: Place;
  readonly logs: LogGroupStore;
  readonly access: Pick<ServiceAccess, 'assume'>;
}

/** Who assumes the roles of flow logs. */
const service = 'vpc-flow-logs.amazonaws.com';

/** What Logs says when there is too much of something. */
const limitCodes: ReadonlySet<string> = new Set([
  'LimitExceededException',
  'ServiceQuotaExceededException',
  'ThrottlingException',
]);

/**
 * A log group, written in the name of the flow log's role: at each batch the role must trust the service and be allowed
 * what is done. The group comes to be with the first records. A batch is taken whole or not at all, and remembered with
 * its records: one whose confirmation a crash swallowed is not taken twice.
 */
export class LogGroupDestination implements RecordDestination {
  readonly takes = 'records';
  readonly remembers = true;
  readonly #options: LogGroupDestinationOptions;
  readonly #groupName: string;
  readonly #streams: StreamNames;
  /** The group has been told what its records' format is. */
  #isPrepared = false;

  constructor(options: LogGroupDestinationOptions) {
    const { LogGroupName } = options.resource;
    invariant(LogGroupName !== undefined, 'a flow log to CloudWatch Logs names its group');
    this.#options = options;
    this.#groupName = LogGroupName;
    this.#streams = new StreamNames(options.flowLog.trafficType);
  }

  async deliver({ id, records }: Batch): Promise<DeliveryOutcome> {
    const streams = this.#streams.of(records);
    const denied = this.#denied(new Set(typeof streams === 'string' ? [streams] : streams));
    if (denied !== undefined) return refused('Access error', denied);
    try {
      await this.#prepare();
      await this.#options.logs.putRecords({
        logGroupName: this.#groupName,
        logStreamName: streams,
        records,
        origin: originOf(id),
      });
      return { kind: 'delivered' };
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      return refused(limitCodes.has(error.code) ? 'Rate limited' : 'Unknown error', error.message);
    }
  }

  forget(): Promise<void> {
    return this.#options.logs.forgetOrigin(this.#options.resource.FlowLogId);
  }

  /** What the role is not allowed of what these streams need; undefined when it is all. */
  #denied(streams: ReadonlySet<string>): string | undefined {
    const { resource, place, access } = this.#options;
    const roleArn = resource.DeliverLogsPermissionArn ?? '';
    const arn = `arn:aws:ec2:${place.region}:${place.accountId}:vpc-flow-log/${resource.FlowLogId}`;
    const session = access.assume(roleArn, { service, accountId: place.accountId, arn });
    if (!session) return `${roleArn} cannot be assumed by ${service}`;
    return this.#deniedForGroup(session) ?? this.#deniedForStreams(session, streams);
  }

  #deniedForGroup(session: RoleSession): string | undefined {
    const group = authorizedResource(this.#options.place, this.#groupName);
    const hasGroup = this.#hasGroup();
    if (!hasGroup) this.#isPrepared = false;
    const needed = [
      'logs:DescribeLogGroups',
      'logs:DescribeLogStreams',
      ...(hasGroup ? [] : ['logs:CreateLogGroup']),
    ];
    const denied = needed.find((action) => !session.isAllowed(action, group));
    return denied && `${denied} on ${group} is not allowed`;
  }

  /** A stream that is there need not be created. */
  #deniedForStreams(session: RoleSession, streams: ReadonlySet<string>): string | undefined {
    for (const stream of streams) {
      const arn = authorizedResource(this.#options.place, this.#groupName, stream);
      if (!session.isAllowed('logs:PutLogEvents', arn)) return `logs:PutLogEvents on ${arn} is not allowed`;
      if (!session.isAllowed('logs:CreateLogStream', arn) && !this.#hasStream(stream)) {
        return `logs:CreateLogStream on ${arn} is not allowed`;
      }
    }
    return undefined;
  }

  #hasGroup(): boolean {
    const { logGroups = [] } = this.#options.logs.describeLogGroups({
      logGroupNamePrefix: this.#groupName,
      limit: 1,
    });
    return logGroups[0]?.logGroupName === this.#groupName;
  }

  #hasStream(name: string): boolean {
    if (!this.#hasGroup()) return false;
    const { logStreams = [] } = this.#options.logs.describeLogStreams({
      logGroupName: this.#groupName,
      logStreamNamePrefix: name,
      limit: 1,
    });
    return logStreams[0]?.logStreamName === name;
  }

  async #prepare(): Promise<void> {
    if (this.#isPrepared) return;
    const { logs, flowLog } = this.#options;
    await logs.ensureLogGroup(this.#groupName, { deliveryFormat: flowLog.format });
    this.#isPrepared = true;
  }
}

/** All of it may be mended while the flow log lives. */
function refused(message: Refusal['message'], detail: string): Refusal {
  return { kind: 'refused', message, detail, retryable: true };
}
