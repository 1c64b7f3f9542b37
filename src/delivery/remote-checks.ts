import { type BucketFolder, bucketFolder, type DestinationFault, streamAddress } from './log-delivery.ts';
import type { RemoteClients, RemotePlace } from './remote-clients.ts';
import { remoteRefusal } from './remote-refusal.ts';

/** Why a destination outside cannot be delivered to, for CreateFlowLogs and, in full, for the operator. */
export interface RemoteFault {
  readonly fault: DestinationFault;
  readonly detail: string;
}

/**
 * Whether the bucket is there and lets us write. That is tried by beginning an upload, which leaves nothing behind when
 * it is given up; HeadBucket alone fails for who may write but not list, and says nothing of who may list but not write.
 */
export async function checkRemoteBucket(
  clients: RemoteClients,
  place: RemotePlace,
  destinationArn: string,
  report: (line: string) => void,
): Promise<RemoteFault | undefined> {
  const folder = bucketFolder(destinationArn);
  const where = `bucket ${folder.bucketName}`;
  const head = await attempt(where, () =>
    clients.send('s3', place, (s3, options) => s3.headBucket({ Bucket: folder.bucketName }, options)),
  );
  if (head && head.fault !== 'denied') return head;
  return attempt(where, () => tryUpload(clients, place, folder, report), isUnknownToServer);
}

/** Whether the stream is there and takes records. */
export async function checkRemoteStream(
  clients: RemoteClients,
  place: RemotePlace,
  destinationArn: string,
): Promise<RemoteFault | undefined> {
  const { name } = streamAddress(destinationArn);
  const where = `delivery stream ${name}`;
  let type: string | undefined;
  const fault = await attempt(where, async () => {
    const answer = await clients.send('firehose', place, (firehose, options) =>
      firehose.describeDeliveryStream({ DeliveryStreamName: name }, options),
    );
    type = answer.DeliveryStreamDescription?.DeliveryStreamType;
  });
  if (fault || type === undefined || type === 'DirectPut') return fault;
  return { fault: 'undeliverable', detail: `${where}: its source is ${type}, not Direct PUT` };
}

async function tryUpload(
  clients: RemoteClients,
  place: RemotePlace,
  { bucketName: Bucket, prefix }: BucketFolder,
  report: (line: string) => void,
): Promise<void> {
  const Key = `${prefix}AWSLogs/headgate-permission-check`;
  const { UploadId } = await clients.send('s3', place, (s3, options) =>
    s3.createMultipartUpload({ Bucket, Key, ACL: 'bucket-owner-full-control' }, options),
  );
  try {
    await clients.send('s3', place, (s3, options) =>
      s3.abortMultipartUpload({ Bucket, Key, UploadId }, options),
    );
  } catch (error) {
    // Who may put objects need not be allowed to give up uploads.
    const { detail } = remoteRefusal(error, `bucket ${Bucket}`);
    report(`an upload that was begun to try whether ${Key} may be put stays unfinished: ${detail}`);
  }
}

/** Servers without multipart uploads: then objects show whether they can be put. */
function isUnknownToServer(error: unknown): boolean {
  const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
  return name === 'NotImplemented' || $metadata?.httpStatusCode === 501 || $metadata?.httpStatusCode === 405;
}

async function attempt(
  where: string,
  ask: () => Promise<unknown>,
  isPassedOver: (error: unknown) => boolean = () => false,
): Promise<RemoteFault | undefined> {
  try {
    await ask();
    return undefined;
  } catch (error) {
    if (isPassedOver(error)) return undefined;
    return { fault: faultOf(error), detail: remoteRefusal(error, where).detail };
  }
}

function faultOf(error: unknown): DestinationFault {
  const { name = '', $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
  const isMissing =
    $metadata?.httpStatusCode === 404 || /^(?:NoSuchBucket|NotFound|ResourceNotFound)/.test(name);
  if (isMissing) return 'missing';
  return remoteRefusal(error, '').message === 'Access error' ? 'denied' : 'undeliverable';
}
