import { ServiceError } from '../fault/index.ts';
import type { FlowLogResource } from '../flowlog/index.ts';
import type { ServiceAccess } from '../iam/service-access.ts';
import type { Place, ResourceView } from '../resource/index.ts';
import type { DeliveryStreams } from '../stream/delivery-streams.ts';
import { deliveryStreams } from '../stream/kinds.ts';
import type { Batch, DeliveryOutcome, RecordDestination, Refusal } from './destination.ts';
import { type StreamAddress, streamAddress } from './log-delivery.ts';
import { messageRecords } from './message-records.ts';
import { originOf } from './record-origin.ts';
import { deniedByStream } from './stream-access.ts';

export type StreamIntake = Pick<DeliveryStreams, 'putRecords' | 'forgetOrigin'>;

export interface StreamDestinationOptions {
  readonly resource: Pick<
    FlowLogResource,
    'FlowLogId' | 'LogDestination' | 'DeliverLogsPermissionArn' | 'DeliverCrossAccountRole'
  >;
  /** Of the flow log. */
  readonly place: Place;
  readonly resources: Pick<ResourceView, 'get'>;
  readonly streams: StreamIntake;
  readonly access: Pick<ServiceAccess, 'assume'>;
}

/** What the stream says when it has no room for more at present. */
const fullCodes: ReadonlySet<string> = new Set(['ServiceUnavailableException', 'LimitExceededException']);

/**
 * A delivery stream of Headgate's own, written by the role that log delivery has in the stream's account. A batch goes in
 * as several lists of records, each of which the stream takes once.
 */
export class StreamDestination implements RecordDestination {
  readonly takes = 'records';
  readonly remembers = true;
  readonly #options: StreamDestinationOptions;
  readonly #address: StreamAddress;

  constructor(options: StreamDestinationOptions) {
    this.#options = options;
    this.#address = streamAddress(options.resource.LogDestination ?? '');
  }

  async deliver({ id, records }: Batch): Promise<DeliveryOutcome> {
    const { resources, streams, resource, place, access } = this.#options;
    const address = this.#address;
    const stream = resources.get(deliveryStreams, address.place, address.name);
    if (!stream) return refused('Access error', `delivery stream ${address.name} does not exist`);
    const denied = deniedByStream(
      access,
      {
        place,
        address,
        sourceRoleArn: resource.DeliverLogsPermissionArn,
        destinationRoleArn: resource.DeliverCrossAccountRole,
      },
      stream,
    );
    if (denied !== undefined) return refused('Access error', denied);
    try {
      let part = 0;
      for (const list of messageRecords(records)) {
        await streams.putRecords(address, list, originOf(id, part));
        part++;
      }
      return { kind: 'delivered' };
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      return refusalOf(error);
    }
  }

  forget(): Promise<void> {
    const { streams, resource } = this.#options;
    return streams.forgetOrigin(this.#address, resource.FlowLogId);
  }
}

function refusalOf({ code, message }: ServiceError): Refusal {
  if (code === 'ResourceNotFoundException') return refused('Access error', message);
  return refused(fullCodes.has(code) ? 'Rate limited' : 'Unknown error', `${code}: ${message}`);
}

/** All of it may be mended while the flow log lives. */
function refused(message: Refusal['message'], detail: string): Refusal {
  return { kind: 'refused', message, detail, retryable: true };
}
