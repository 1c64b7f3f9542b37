import { DeliveryError, ServiceError } from '../fault/index.ts';
import type { ServiceAccess } from '../iam/service-access.ts';
import type { SubscriptionSink, SubscriptionSource } from '../logs/index.ts';
import type { Place, ResourceView } from '../resource/index.ts';
import { type DeliveryStreamResource, deliveryStreams, type RecordIntake } from '../stream/index.ts';

export interface StreamSubscriptionSinkOptions {
  readonly view: ResourceView;
  readonly access: Pick<ServiceAccess, 'assume'>;
  readonly intake: RecordIntake;
}

/** Either is enough: AWS's documentation has roles that allow the first alone. */
const actions = ['firehose:PutRecord', 'firehose:PutRecordBatch'];

/**
 * Delivery streams of the account, written in the name of the role of a subscription filter, which is asked each time
 * what it may.
 */
export class StreamSubscriptionSink implements SubscriptionSink {
  readonly #options: StreamSubscriptionSinkOptions;

  constructor(options: StreamSubscriptionSinkOptions) {
    this.#options = options;
  }

  async check(destinationArn: string, roleArn: string, source: SubscriptionSource): Promise<void> {
    const { stream } = this.#activeStream(destinationArn, source);
    this.#checkRole(destinationArn, roleArn, source);
    // What the stream reports of its failures would be delivered to it again.
    if (logGroupsOf(stream).some((name) => source.arn.endsWith(`:log-group:${name}:*`))) {
      throw new ServiceError(
        'InvalidParameterException',
        'The log group provided is reserved for the error logs of the destination Firehose stream.',
      );
    }
  }

  async put(
    destinationArn: string,
    roleArn: string,
    source: SubscriptionSource,
    records: readonly Uint8Array[],
  ): Promise<void> {
    const { place, stream } = this.#activeStream(destinationArn, source);
    this.#checkRole(destinationArn, roleArn, source);
    try {
      await this.#options.intake.putRecords({ place, name: stream.DeliveryStreamName }, records);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      throw new DeliveryError(destinationArn, error.code === 'ServiceUnavailableException', error.message);
    }
  }

  #activeStream(
    destinationArn: string,
    { accountId, region }: SubscriptionSource,
  ): { readonly place: Place; readonly stream: DeliveryStreamResource } {
    const place = { accountId, region };
    const name = /:deliverystream\/([^/]+)$/.exec(destinationArn)?.[1] ?? '';
    const stream = this.#options.view.get(deliveryStreams, place, name);
    if (stream?.DeliveryStreamARN !== destinationArn) {
      throw new DeliveryError(
        destinationArn,
        false,
        `Firehose ${name} not found under account ${accountId}.`,
      );
    }
    if (stream.DeliveryStreamStatus !== 'ACTIVE') {
      throw new DeliveryError(destinationArn, true, `the stream is ${stream.DeliveryStreamStatus}`);
    }
    return { place, stream };
  }

  /** Trust policies name the service in one of two ways. */
  #checkRole(destinationArn: string, roleArn: string, { accountId, region, arn }: SubscriptionSource): void {
    const services = ['logs.amazonaws.com', `logs.${region}.amazonaws.com`];
    const sessions = services.map((service) =>
      this.#options.access.assume(roleArn, { service, accountId, arn }),
    );
    const session = sessions.find((found) => found !== undefined);
    if (!session) {
      throw new DeliveryError(
        destinationArn,
        false,
        `the role ${roleArn} cannot be assumed by ${services[0]}`,
      );
    }
    if (actions.some((action) => session.isAllowed(action, destinationArn))) return;
    throw new DeliveryError(destinationArn, false, `the role ${roleArn} does not allow ${actions[0]}`);
  }
}

/** Where a stream logs what it could not deliver. */
function logGroupsOf({ Destinations = [] }: DeliveryStreamResource): string[] {
  return Destinations.flatMap((destination) =>
    Object.values(destination).flatMap((described: unknown) => {
      const { CloudWatchLoggingOptions: options } = (described ?? {}) as {
        readonly CloudWatchLoggingOptions?: { readonly Enabled?: boolean; readonly LogGroupName?: string };
      };
      return options?.Enabled && options.LogGroupName !== undefined ? [options.LogGroupName] : [];
    }),
  );
}
