import type { DeliveryStreamDescription } from '@aws-sdk/client-firehose';
import { type Kind, kind, type Stored } from '../resource/index.ts';

/** A delivery stream, at the place of its account and Region, by its name. */
export interface DeliveryStreamResource
  extends Omit<Stored<DeliveryStreamDescription>, 'Destinations' | 'HasMoreDestinations'> {
  readonly DeliveryStreamName: string;
  readonly DeliveryStreamARN: string;
  readonly Destinations: Stored<DeliveryStreamDescription>['Destinations'];
  /** Sent to an HTTP endpoint, and never shown. */
  readonly httpAccessKey?: string;
  readonly tags: readonly { readonly Key: string; readonly Value?: string }[];
}

export const deliveryStreams: Kind<DeliveryStreamResource> = kind('firehose-delivery-stream');

/** What AWS's log delivery puts on a stream that a flow log delivers to, and asks for at each delivery. */
export const logDeliveryTag = { Key: 'LogDeliveryEnabled', Value: 'true' } as const;
