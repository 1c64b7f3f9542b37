import { deliveredAcl } from './bucket-access.ts';
import { deliveredContentType } from './bucket-destination.ts';
import type { DeliveryOutcome, ObjectDestination, ObjectFile } from './destination.ts';
import { type BucketFolder, bucketFolder } from './log-delivery.ts';
import type { RemoteClients, RemotePlace } from './remote-clients.ts';
import { remoteRefusal } from './remote-refusal.ts';
import { uploadFile } from './remote-upload.ts';

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

  async put({
    key,
    file,
    bytes,
    contentType = deliveredContentType,
  }: ObjectFile & { readonly contentType?: string }): Promise<DeliveryOutcome> {
    const { bucketName } = this.#folder;
    const upload = { bucketName, key, file, bytes, contentType, acl: deliveredAcl } as const;
    try {
      await uploadFile(this.#clients, this.#place, upload);
      return { kind: 'delivered' };
    } catch (error) {
      const { isAmbiguous: _, ...refusal } = remoteRefusal(error, `bucket ${bucketName}`);
      return refusal;
    }
  }
}
