import { createReadStream } from 'node:fs';
import { deliveredAcl } from './bucket-access.ts';
import { deliveredContentType } from './bucket-destination.ts';
import type { DeliveryOutcome, ObjectDestination, ObjectFile } from './destination.ts';
import { type BucketFolder, bucketFolder } from './log-delivery.ts';
import type { RemoteClients, RemotePlace } from './remote-clients.ts';
import { needsNewCredentials, remoteRefusal } from './remote-refusal.ts';

/** A bucket outside. Keys and bytes are the same on a repeat, so that nothing is there twice, however a request ended. */
export class RemoteBucket implements ObjectDestination {
  readonly takes = 'objects';
  readonly #clients: RemoteClients;
  readonly #place: RemotePlace;
  readonly #folder: BucketFolder;

  constructor(clients: RemoteClients, place: RemotePlace, destinationArn: string) {
    this.#clients = clients;
    this.#place = place;
    this.#folder = bucketFolder(destinationArn);
  }

  get prefix(): string {
    return this.#folder.prefix;
  }

  async put({ key, file, bytes }: ObjectFile): Promise<DeliveryOutcome> {
    const { bucketName } = this.#folder;
    const body = createReadStream(file);
    // A body that fails would leave its request waiting for the rest.
    const unreadable = new Promise<never>((_, reject) => body.once('error', reject));
    try {
      const sent = this.#clients.send(
        's3',
        this.#place,
        (s3, options) =>
          s3.putObject(
            {
              Bucket: bucketName,
              Key: key,
              Body: body,
              ContentLength: bytes,
              ContentType: deliveredContentType,
              ACL: deliveredAcl,
            },
            options,
          ),
        bytes,
      );
      await Promise.race([sent, unreadable]);
      return { kind: 'delivered' };
    } catch (error) {
      if (needsNewCredentials(error)) this.#clients.renew('s3', this.#place);
      const { isAmbiguous: _, ...refusal } = remoteRefusal(error, `bucket ${bucketName}`);
      return refusal;
    } finally {
      body.destroy();
    }
  }
}
