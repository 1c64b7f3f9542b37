import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
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
    const { body, failure } = fileBody(file);
    try {
      await this.#clients.send(
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
        { bytes, failure },
      );
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

/**
 * The bytes of a file, and what is rejected when they cannot be read. The stream itself never fails: within the SDK
 * nobody would hear of it, and that ends the process.
 */
function fileBody(file: string): { readonly body: Readable; readonly failure: Promise<never> } {
  let fail: (error: unknown) => void = () => undefined;
  const failure = new Promise<never>((_, reject) => {
    fail = reject;
  });
  // It may fail when nobody waits for it any more.
  failure.catch(() => undefined);
  async function* bytes(): AsyncGenerator<Buffer, void, undefined> {
    try {
      yield* createReadStream(file);
    } catch (error) {
      fail(error);
      await new Promise(() => undefined);
    }
  }
  return { body: Readable.from(bytes(), { objectMode: false }), failure };
}
