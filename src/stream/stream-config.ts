import type { DeliveryStreamResource } from './kinds.ts';

type Destination = DeliveryStreamResource['Destinations'] extends readonly (infer Item)[] | undefined
  ? Item
  : never;
export type S3Config = NonNullable<Destination['S3DestinationDescription']>;
export type ExtendedS3Config = NonNullable<Destination['ExtendedS3DestinationDescription']>;
export type HttpConfig = NonNullable<Destination['HttpEndpointDestinationDescription']>;

/** Where a stream delivers to. */
export type StreamTarget =
  | { readonly kind: 's3'; readonly s3: ExtendedS3Config }
  | { readonly kind: 'http'; readonly http: HttpConfig; readonly backup: S3Config };

export function targetOf({ Destinations, DeliveryStreamName }: DeliveryStreamResource): StreamTarget {
  const [destination] = Destinations ?? [];
  const http = destination?.HttpEndpointDestinationDescription;
  if (http?.S3DestinationDescription) return { kind: 'http', http, backup: http.S3DestinationDescription };
  const s3 = destination?.ExtendedS3DestinationDescription ?? destination?.S3DestinationDescription;
  if (!s3) throw new Error(`bug: ${DeliveryStreamName} has no destination`);
  return { kind: 's3', s3 };
}

const mib = 1024 * 1024;
/** Firehose's own, where nothing is said. */
export const defaultHints = { SizeInMBs: 5, IntervalInSeconds: 300 } as const;
/** Of streams that shall not buffer: what comes within it still goes together. */
const shortestMs = 1000;

/** When a buffer closes: whichever comes first. */
export function bufferLimits(resource: DeliveryStreamResource): {
  readonly bytes: number;
  readonly ageMs: number;
} {
  const { HttpEndpointDestinationDescription, ExtendedS3DestinationDescription } =
    resource.Destinations?.[0] ?? {};
  const hints = (HttpEndpointDestinationDescription ?? ExtendedS3DestinationDescription)?.BufferingHints;
  const { SizeInMBs = defaultHints.SizeInMBs, IntervalInSeconds = defaultHints.IntervalInSeconds } =
    hints ?? {};
  return { bytes: SizeInMBs * mib, ageMs: Math.max(shortestMs, IntervalInSeconds * 1000) };
}
